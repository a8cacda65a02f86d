"""The commands that make motion libraries, run as a user would."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from mmactrep.datasets.motion_pairs import MotionPairDataset
from mmactrep.motion.bvh import read_bvh
from mmactrep.motion.joint_names import find_joints
from mmactrep.motion.library import MotionLibrary
from mmactrep.motion.procedural.motions.base import MOTIONS
from mmactrep.store import SkeletonStoreWriter
from mmactrep.store.reader import SkeletonStore
from mmactrep.structures import get_layout
from tests.helpers.humanoid_bvh import humanoid_bvh
from tests.helpers.kinect_pose import POSE
from tests.helpers.training import load_tool

TOOLS = Path(__file__).parents[2] / 'tools' / 'data'


SMALL = [
    *('--characters', 2, '--test-characters', 2, '--test-performances', 1, '--improvised', 2, '--frames', 16),
    *('--held-out', *(name for name in MOTIONS if name not in ('nod', 'stand'))),
]
"""Settings of a library that is made in a moment; training has one class of procedural motion."""


def make(*args) -> int:
    return load_tool('data/make_motion_library.py').main([*map(str, args)])


def test_labelled_actions_of_procedural_motions_and_captures(tmp_path, capsys, monkeypatch):
    (tmp_path / 'bvh').mkdir()
    for i in range(10):
        (tmp_path / 'bvh' / f'dataset-2_dash_style_{i:03d}.bvh').write_text(humanoid_bvh(frames=8, seed=i))
    monkeypatch.setenv('MMACTREP_DATA_ROOT', str(tmp_path / 'data'))
    command = load_tool('data/make_motion_actions.py').main
    small = ['--characters', '2', '--test-characters', '1', '--performances', '1', '--test-performances', '1']
    small += ['--frames', '8', '--bvh', str(tmp_path / 'bvh')]
    assert command(small) == 0
    printed = capsys.readouterr().out
    assert '46 classes' in printed and '53 xview_train, 47 xview_test, 100 rotations_train' in printed
    store = SkeletonStore(tmp_path / 'data' / 'library' / '3d')
    assert store.classes[-1] == 'dash' and store.layout.name == 'h36m17'
    assert command(small) == 1 and '--overwrite replaces it' in capsys.readouterr().err
    assert command([*small, '--overwrite']) == 0


def prepare(*args) -> int:
    return load_tool('data/prepare_mixamo.py').main([*map(str, args)])


def test_a_library_of_procedural_motions_and_captures(tmp_path, capsys, monkeypatch):
    (tmp_path / 'bvh').mkdir()
    for i in range(6):
        (tmp_path / 'bvh' / f'walk_{i}.bvh').write_text(humanoid_bvh(frames=20, seed=i))
    monkeypatch.setenv('MMACTREP_DATA_ROOT', str(tmp_path / 'data'))
    small = [*SMALL, '--performances', 2]
    small += ['--bvh', tmp_path / 'bvh']
    assert make(*small) == 0
    assert 'train' in capsys.readouterr().out
    root = tmp_path / 'data' / 'motion' / 'synthetic'
    train = MotionLibrary(root, 'train')
    assert train.motions == [
        'nod_000',
        'nod_001',
        'walk_0',
        'walk_1',
        'walk_2',
        'walk_3',
        'walk_5',
        'improvised_000',
        'improvised_001',
    ]
    assert MotionLibrary(root, 'test').motions[-1] == 'walk_4'
    assert str(tmp_path) not in json.dumps(train.store.attributes)  # no path of this machine
    assert make(*small) == 1
    assert '--overwrite' in capsys.readouterr().err


def test_captures_that_cannot_be_used_are_named(tmp_path, capsys):
    (tmp_path / 'empty').mkdir()
    assert make('--bvh', tmp_path / 'empty', '--out', tmp_path / 'out') == 1
    assert 'found none' in capsys.readouterr().err
    assert make('--held-out', 'dance', '--out', tmp_path / 'out') == 1
    assert "unknown classes ['dance']" in capsys.readouterr().err


def test_captures_with_names_of_their_own(tmp_path, capsys):
    known, own = tmp_path / 'known', tmp_path / 'own'
    names = {}
    for folder in (known, own):
        folder.mkdir()
    for i in range(5):
        text = humanoid_bvh(frames=20, seed=i)
        (known / f'walk_{i}.bvh').write_text(text)
        capture = read_bvh(known / f'walk_{i}.bvh')
        names = {name: f'bone{k}x' for k, name in enumerate(capture.names)}
        for name in sorted(names, key=len, reverse=True):
            text = re.sub(rf'(JOINT|ROOT) {re.escape(name)}\n', rf'\1 {names[name]}\n', text)
        (own / f'walk_{i}.bvh').write_text(text)
    small = [*SMALL, '--performances', 1]
    assert make('--bvh', own, '--out', tmp_path / 'refused', *small) == 1
    assert 'no joint is known as head' in capsys.readouterr().err
    joints = {names[capture.names[k]]: joint for joint, k in find_joints(capture.names).items()}
    (tmp_path / 'joints.json').write_text(json.dumps(joints))
    arguments = ('--joints', tmp_path / 'joints.json', '--out', tmp_path / 'own_library', *small)
    assert make('--bvh', own, '--overwrite', *arguments) == 0
    assert make('--bvh', known, '--out', tmp_path / 'known_library', *small) == 0
    found, expected = (MotionLibrary(tmp_path / f'{name}_library', 'test') for name in ('own', 'known'))
    assert found.motions[-1] == expected.motions[-1] == 'walk_4'
    np.testing.assert_array_equal(found.positions(45, 0), expected.positions(45, 0))
    (tmp_path / 'joints.json').write_text('["head"]')
    assert make('--bvh', own, '--overwrite', *arguments) == 1
    assert "expected an object from a file's joint names" in capsys.readouterr().err


SIZES = dict(Aj=1.0, Kaya=0.8, Ty=1.2, Andromeda=0.9)


@pytest.fixture
def export(tmp_path) -> Path:
    """Four characters, two of them for the test, with ten motions each."""
    root = tmp_path / 'mixamo'
    for character, size in SIZES.items():
        (root / character).mkdir(parents=True)
        for i in range(10):
            (root / character / f'motion_{i}.bvh').write_text(humanoid_bvh(30 + i, size, seed=i))
    return root


def test_mixamo_exports_keep_their_bodies_and_share_their_motions(export, tmp_path, capsys):
    assert prepare('--src', export, '--out', tmp_path / 'library') == 0
    train, test = (MotionLibrary(tmp_path / 'library', split) for split in ('train', 'test'))
    assert train.characters == ['Aj', 'Kaya'] and test.characters == ['Andromeda', 'Ty']
    assert test.motions == ['motion_4', 'motion_9'] and len(train) == 8
    capture = read_bvh(export / 'Ty' / 'motion_9.bvh')
    knee = capture.names.index('mixamorig:LeftLeg')
    found = test.positions(1, 1)[:, test.layout.index('left_knee')]
    np.testing.assert_allclose(found, capture.positions()[:, knee] / 100, atol=1e-5)
    # the same motion, other sizes
    np.testing.assert_allclose(test.positions(0, 1), test.positions(0, 0) * 1.2 / 0.9, atol=1e-5)
    dataset = MotionPairDataset(tmp_path / 'library', window=16)
    assert dataset[3]['inputs']['driver_on_source'].shape == (30, 16)
    assert prepare('--src', export, '--out', tmp_path / 'library') == 1
    assert '--overwrite' in capsys.readouterr().err


def test_arrays_of_joints_in_folders_of_splits(tmp_path):
    layout = get_layout('motion15')
    rng = np.random.default_rng(0)
    standing = np.zeros((15, 3))
    for joint in layout.joints:  # z up, meters
        standing[layout.index(joint), 2] = {'ankle': 0.1, 'knee': 0.5, 'hip': 0.9}.get(
            joint.split('_')[-1], 1.3
        )
    joints = {}
    for split, characters in (('train', ('A', 'B')), ('test', ('C', 'D'))):
        for character in characters:
            folder = tmp_path / 'npy' / split / character / 'walk'
            folder.mkdir(parents=True)
            joints[character] = standing + rng.normal(0, 0.02, (20, 15, 3))
            # one axis order of the two
            array = joints[character] if character in 'AC' else joints[character].transpose(1, 2, 0)
            np.save(folder / 'walk.npy', array)
    assert prepare('--src', tmp_path / 'npy', '--unit', 1, '--out', tmp_path / 'library') == 0
    test = MotionLibrary(tmp_path / 'library', 'test')
    assert test.motions == ['walk'] and test.layout == layout and test.characters == ['C', 'D']
    x, y, z = np.moveaxis(joints['D'], -1, 0)
    np.testing.assert_allclose(test.positions(0, 1), np.stack([x, z, -y], axis=-1), atol=1e-6)


def test_bad_motions_are_named_and_can_be_left_out(export, tmp_path, capsys):
    (export / 'Kaya' / 'motion_2.bvh').unlink()
    path = export / 'Aj' / 'motion_3.bvh'
    path.write_text(path.read_text()[:-200])
    (export / 'Ty' / 'motion_9.bvh').write_text(humanoid_bvh(20))
    out = tmp_path / 'library'
    assert prepare('--src', export, '--out', out) == 1
    assert "'train/motion_2' is lacking for Kaya" in capsys.readouterr().err
    assert prepare('--src', export, '--out', out, '--skip-bad') == 0
    text = capsys.readouterr().out
    assert 'skipped train/motion_3' in text and 'is the file truncated?' in text
    assert 'other lengths on other characters: [39, 20]' in text
    assert len(MotionLibrary(out, 'train')) == 6 and MotionLibrary(out, 'test').motions == ['motion_4']


def test_exports_of_another_kind(export, tmp_path, capsys):
    out = ['--out', tmp_path / 'library']
    assert prepare('--src', export, '--unit', 1, *out) == 1
    assert 'expected meters' in capsys.readouterr().err
    assert prepare('--src', export, '--test-characters', 'Ty', *out) == 1
    assert "split 'test' needs two characters with motions, found ['Ty']" in capsys.readouterr().err
    assert prepare('--src', tmp_path / 'absent', *out) == 1
    assert 'found no folder' in capsys.readouterr().err
    for path in export.rglob('*.bvh'):
        path.write_text(path.read_text().replace('Leg', 'Limb'))
    assert prepare('--src', export, *out) == 1
    assert 'no joint is known as left_hip, left_knee' in capsys.readouterr().err
    names = {f'{s}{n}': f'{s.lower()}_{j}' for s in ('Left', 'Right') for n, j in (
        ('UpLimb', 'hip'), ('Limb', 'knee'), ('Foot', 'ankle'), ('Arm', 'shoulder'), ('ForeArm', 'elbow'),
        ('Hand', 'wrist'),
    )}  # fmt: skip
    (tmp_path / 'names.json').write_text(json.dumps(names | {'Head': 'head'}))
    assert prepare('--src', export, '--joints', tmp_path / 'names.json', *out) == 0
    np.save(export / 'Aj' / 'motion_3.npy', np.zeros((4, 15, 3)))
    assert prepare('--src', export, *out, '--overwrite') == 1
    assert 'one kind' in capsys.readouterr().err
    for path in export.rglob('*.bvh'):
        np.save(path.with_suffix('.npy'), np.ones((4, 17, 3)))
        path.unlink()
    assert prepare('--src', export, *out, '--overwrite') == 1
    assert (
        "layout 'motion15' needs joints (T, 15, 3) or (15, 3, T), found (4, 17, 3)" in capsys.readouterr().err
    )


def test_a_bank_has_many_motions_on_one_character():
    tool = load_tool('data/make_motion_library.py')
    settings = tool.settings_of(tool.parse_args(['--bank', '--improvised', '7']))
    assert (settings.characters, settings.test_characters, settings.performances) == (1, 1, 40)
    assert (settings.improvised, settings.frames) == (7, 192)


def test_recordings_of_stores_join_the_training_split(tmp_path, capsys):
    layout = get_layout('kinect20')
    standing = np.array([[POSE[joint] for joint in layout.joints]] * 40, np.float32)
    store = tmp_path / 'mhad'
    with SkeletonStoreWriter(store, layout, ['throw'], 3, False, attributes=dict(source='Mine')) as writer:
        for name in ('a', 'b'):
            writer.add(name, standing[None], None, label=0)
        writer.add_split('xsub_train', ['a'])
        writer.add_split('xsub_test', ['b'])
        writer.finish()
    arguments = [*SMALL, '--performances', 1, '--out', tmp_path / 'library', '--store']
    assert make(*arguments, store) == 1
    assert "clip 'a' does not tell its frame rate" in capsys.readouterr().err
    assert make(*arguments, f'{store}::xsub_train::15') == 0
    assert "1 clips of split 'xsub_train', 1 used whole, 0 cut" in capsys.readouterr().out
    train, test = (MotionLibrary(tmp_path / 'library', split) for split in ('train', 'test'))
    assert train.motions == ['nod_000', 'mine_a', 'improvised_000', 'improvised_001']
    assert train.classes[train.labels[1]] == 'recorded/mine/throw'
    assert not any('mine' in name for name in test.motions)
    assert str(tmp_path) not in json.dumps(train.store.attributes)
    assert make(*arguments, store, store, '--overwrite') == 1
    assert 'two stores of recordings are called mine' in capsys.readouterr().err
