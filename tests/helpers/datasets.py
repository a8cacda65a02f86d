"""Small data sets in the formats that the converters read, of which a test can damage a file."""

from __future__ import annotations

import json
import pickle
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy.io import savemat


@dataclass
class SmallDataset:
    """A data set of two clips.

    Args:
        name: Name of the converter in ``convert.py``.
        arguments: Arguments of the command other than ``--out``.
        bad: The file of the clip that a test may damage.
        bad_id: Id of that clip in the store.
        files: Other files, by kind.
    """

    name: str
    arguments: list[str | Path]
    bad: Path
    bad_id: str
    files: dict[str, Path] = field(default_factory=dict)


def lcrnet_frames(frames: int = 4, **changes: object) -> dict:
    """The content of a file of LCRNet++ or SSTA-PRS; ``changes`` replace parts of the person in frame 1."""
    rng = np.random.default_rng(frames)
    poses = [
        [dict(pose2d=rng.uniform(1, 600, 26).tolist(), pose3d=rng.uniform(1, 2, 39).tolist())]
        for _ in range(frames)
    ]
    poses[1][0].update(changes)
    return dict(frames=poses)


def write_posetics(root: Path) -> SmallDataset:
    """One clip each in train and val; the one in val may be damaged."""
    files = {}
    for split, clip in (('train', 'abcdefghijk'), ('val', 'zyxwvutsrqp')):
        (root / split).mkdir(parents=True)
        files[split] = root / split / f'{clip}_000001_000011.json'
        files[split].write_text(json.dumps(lcrnet_frames()))
        files[f'{split}_label'] = root / f'posetics_{split}_label.json'
        files[f'{split}_label'].write_text(json.dumps({clip: dict(label_index=5, has_skeleton=True)}))
    return SmallDataset('posetics', ['--src', root], files['val'], files['val'].stem, files)


def write_smarthome(root: Path) -> SmallDataset:
    """Two clips of one subject."""
    root.mkdir()
    names = ('Walk_p03_r00_v00_c01', 'Walk_p03_r01_v00_c02')
    for name in names:
        (root / f'{name}_pose3d.json').write_text(json.dumps(lcrnet_frames()))
    return SmallDataset('smarthome', ['--src', root], root / f'{names[1]}_pose3d.json', names[1])


def penn_label(frames: int = 5, **changes: object) -> dict:
    """Variables of a label file of Penn Action; a change to None omits a variable."""
    rng = np.random.default_rng(frames)
    content = dict(
        action='bowl',
        x=rng.uniform(20, 200, (frames, 13)),
        y=rng.uniform(20, 200, (frames, 13)),
        visibility=np.ones((frames, 13), np.uint8),
        train=1,
        dimensions=[[270, 480, frames]],
    )
    return {key: value for key, value in (content | changes).items() if value is not None}


def write_penn_action(root: Path) -> SmallDataset:
    """Two label files."""
    root.mkdir()
    for name in ('0001', '0002'):
        savemat(root / f'{name}.mat', penn_label())
    return SmallDataset('penn_action', ['--src', root], root / '0002.mat', '0002')


def kinect_text(frames: int = 15, joints: int = 25, ids: int = 1) -> str:
    """A text file in the format of NTU RGB+D: one body, whose id changes ``ids - 1`` times."""
    rng = np.random.default_rng(joints)
    body = rng.uniform(0.5, 1, (joints, 3)) * [0.5, 1.7, 1]
    lines = [str(frames)]
    for t in range(frames):
        lines += ['1', f'{t * ids // frames} 0 1 1 1 1 0 0.01 -0.2 2', str(joints)]
        lines += [f'{x + 0.01 * t:.4f} {y:.4f} {z:.4f} 277 191 960 540 0.1 0.2 0.3 0.4 2' for x, y, z in body]
    return '\n'.join(lines) + '\n'


def write_ntu(root: Path) -> SmallDataset:
    """Two files of NTU RGB+D."""
    root.mkdir()
    names = ('S001C001P001R001A001', 'S001C001P001R001A002')
    for name in names:
        (root / f'{name}.skeleton').write_text(kinect_text())
    return SmallDataset('ntu', ['--src', root], root / f'{names[1]}.skeleton', names[1])


def write_uav_human(root: Path) -> SmallDataset:
    """Two files of UAV-Human."""
    root.mkdir()
    names = [f'P000S00G10B10H10UC022000LC021000A00{i}R0_0824171{i}' for i in (0, 1)]
    for name in names:
        (root / f'{name}.txt').write_text(kinect_text(joints=17))
    return SmallDataset('uav_human', ['--src', root], root / f'{names[1]}.txt', names[1])


def write_utd_mhad(root: Path) -> SmallDataset:
    """Two files of UTD-MHAD."""
    root.mkdir()
    rng = np.random.default_rng(0)
    for name in ('a1_s1_t1', 'a2_s2_t1'):
        savemat(root / f'{name}_skeleton.mat', dict(d_skel=rng.uniform(0.5, 3, (20, 3, 8))))
    return SmallDataset('utd_mhad', ['--src', root], root / 'a2_s2_t1_skeleton.mat', 'a2_s2_t1')


def write_utkinect(root: Path) -> SmallDataset:
    """Two files of UTKinect-Action3D."""
    root.mkdir()
    rng = np.random.default_rng(0)
    for name in ('a01_s01_e01', 'a02_s01_e01'):
        lines = [' '.join(f'{value:.4f}' for value in row) for row in rng.uniform(0.5, 3, (80, 3))]
        (root / f'{name}.txt').write_text('\n'.join(lines) + '\n')
    return SmallDataset('utkinect', ['--src', root], root / 'a02_s01_e01.txt', 'a02_s01_e01')


def _write_packed(
    root: Path, name: str, joints: int, clips: list[list[int]], **changes: object
) -> SmallDataset:
    root.mkdir(exist_ok=True)
    frames = np.random.default_rng(0).uniform(500, 3000, (12, joints, 3)).astype(np.float32)
    arrays = dict(clip=np.array(clips, np.int32), world=frames, screen=frames) | changes
    path = root / f'{name}.npz'
    np.savez(path, **arrays)
    return SmallDataset(name, ['--src', path], path, f'a02_s01_e01{"_v02" if name == "nw_ucla" else ""}')


def write_kard(root: Path, **changes: object) -> SmallDataset:
    """Two clips of KARD; ``changes`` replace arrays of the file."""
    return _write_packed(root, 'kard', 15, [[1, 1, 1, 0, 6], [2, 1, 1, 6, 6]], **changes)


def write_nw_ucla(root: Path, **changes: object) -> SmallDataset:
    """Two clips of Northwestern-UCLA; ``changes`` replace arrays of the file."""
    return _write_packed(root, 'nw_ucla', 20, [[1, 1, 1, 1, 0, 6], [2, 1, 1, 2, 6, 6]], **changes)


def _write_dense(root: Path, name: str, videos: tuple[str, str], unit: float) -> SmallDataset:
    root.mkdir()
    rng = np.random.default_rng(0)
    annotation = {}
    for video in videos:
        np.savez(root / f'{video}_LCRNet2d.npz', kpts=rng.uniform(1, 600, (60, 17, 2)).astype(np.float32))
        annotation[video] = dict(subset='training', duration=60 * unit, actions=[[0, 5 * unit, 20 * unit]])
    path = root.with_suffix('.json')
    path.write_text(json.dumps(annotation))
    return SmallDataset(
        name,
        ['--src', root, '--annotation', path],
        root / f'{videos[1]}_LCRNet2d.npz',
        videos[1],
        dict(annotation=path),
    )


def write_tsu(root: Path) -> SmallDataset:
    """Two videos of TSU, annotated in frames."""
    return _write_dense(root, 'tsu', ('P03T01C01', 'P03T02C02'), 1)


def write_charades(root: Path) -> SmallDataset:
    """Two videos of Charades, annotated in seconds."""
    return _write_dense(root, 'charades', ('AAAAA', 'BBBBB'), 0.1)


def write_pku_mmd(root: Path) -> SmallDataset:
    """Two videos of PKU-MMD."""
    root.mkdir()
    rng = np.random.default_rng(0)
    for name in ('0002-L', '0002-M'):
        lines = [' '.join(f'{value:.3f}' for value in rng.uniform(0.1, 3, 150)) for _ in range(20)]
        (root / f'{name}.skeleton').write_text('\n'.join(lines) + '\n')
        (root / f'{name}.label').write_text('1,2,9,2\n')
    return SmallDataset(
        'pku_mmd',
        ['--src', root, '--labels', root],
        root / '0002-M.skeleton',
        '0002-M',
        dict(label=root / '0002-M.label'),
    )


def pickled_annotation(name: object = 'b', **changes: object) -> dict:
    """A clip of mmaction2's annotation files; a change to None omits a key."""
    rng = np.random.default_rng(3)
    entry = dict(
        frame_dir=name,
        label=1,
        img_shape=(480, 640),
        total_frames=6,
        keypoint=rng.uniform(1, 400, (1, 6, 17, 2)).astype(np.float32),
        keypoint_score=rng.uniform(0.1, 1, (1, 6, 17)).astype(np.float32),
    )
    return {key: value for key, value in (entry | changes).items() if value is not None}


def write_mmaction_pickle(root: Path, second: dict | None = None, **changes: object) -> SmallDataset:
    """A file of two clips; ``changes`` replace keys of the file."""
    root.mkdir(exist_ok=True)
    second = pickled_annotation() if second is None else second
    content = dict(split=dict(train=['a']), annotations=[pickled_annotation('a'), second]) | changes
    path = root / 'small.pkl'
    path.write_bytes(pickle.dumps(content, 4))
    return SmallDataset('mmaction_pickle', ['--src', path], path, 'b')


WRITERS = dict(
    posetics=write_posetics,
    smarthome=write_smarthome,
    penn_action=write_penn_action,
    ntu=write_ntu,
    uav_human=write_uav_human,
    utd_mhad=write_utd_mhad,
    utkinect=write_utkinect,
    kard=write_kard,
    nw_ucla=write_nw_ucla,
    tsu=write_tsu,
    charades=write_charades,
    pku_mmd=write_pku_mmd,
    mmaction_pickle=write_mmaction_pickle,
)
