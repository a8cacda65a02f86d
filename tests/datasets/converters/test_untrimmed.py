"""TSU, Charades and PKU-MMD from small files in the real formats, and TSU's real video."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mmactrep.datasets.converters.charades import charades
from mmactrep.datasets.converters.dense_annotation import frame_segments, load_dense_annotation
from mmactrep.datasets.converters.pku_mmd import pku_mmd, read_cross_subject, read_pku_mmd_labels
from mmactrep.datasets.converters.runner import run_conversion
from mmactrep.datasets.converters.tsu import tsu
from mmactrep.store.format import BadClipError
from mmactrep.store.reader import SkeletonStore
from tests.helpers.training import load_tool


def write_annotation(path, **videos):
    entries = {name: dict(zip(('subset', 'duration', 'actions'), entry)) for name, entry in videos.items()}
    path.write_text(json.dumps(entries))
    return path


def write_poses(folder, rng, **frames):
    folder.mkdir(exist_ok=True)
    for name, count in frames.items():
        keypoint = rng.uniform(1, 600, (count, 17, 2)).astype(np.float32)
        keypoint[:2] = 0
        np.savez(folder / f'{name}_LCRNet2d.npz', kpts=keypoint)
    return folder


def segments(store, clip):
    return [tuple(record)[1:] for record in store.segments(store.find(clip)).tolist()]


def test_frames_of_an_action_by_hand():
    # at 10 frames a second frames 3, 4, 5 lie in [0.25 s, 0.6 s)
    assert frame_segments([(4, 0.25, 0.6)], 100, fps=10) == [(4, 3, 6)]
    # cut at the end of the video, and nothing that has no frame
    assert frame_segments([(0, 5, 12), (1, 3, 3), (2, 10, 12)], 10) == [(0, 5, 10)]
    # 0.3 * 10 is a little more than 3 in floating point
    assert frame_segments([(0, 0.1 + 0.2, 0.7)], 100, fps=10) == [(0, 3, 7)]


def test_tsu(tmp_path, rng):
    write_poses(tmp_path / 'src', rng, P03T01C01=50, P03T01C02=60, P02T01C02=40, P02T01C05=30, P09T01C01=30)
    annotation = write_annotation(
        tmp_path / 'a.json',
        P03T01C01=('training', 50, [[2, 5, 9], [0, 7, 60], [1, 3, 3]]),
        P03T01C02=('training', 60, []),
        P02T01C02=('testing', 40, [[1, 0, 40]]),
        P02T01C05=('testing', 30, [[1, 0, 4]]),
        P04T01C01=('training', 99, [[0, 1, 2]]),
    )
    conversion = tsu(tmp_path / 'src', annotation)
    assert "'P09T01C01'" in conversion.notes[0] and '1 of 5' in conversion.notes[1]
    run_conversion(conversion, tmp_path / 'store', progress=False)
    store = SkeletonStore(tmp_path / 'store')
    assert len(store) == 4 and store.classes == ['class_000', 'class_001', 'class_002']
    assert segments(store, 'P03T01C01') == [(2, 5, 9), (0, 7, 50)]
    assert segments(store, 'P03T01C02') == []
    splits = {name: [store.ids[row] for row in store.split(name)] for name in store.split_names}
    assert splits == dict(
        cs_train=['P03T01C01', 'P03T01C02'],
        cs_test=['P02T01C02', 'P02T01C05'],
        cv_train=['P03T01C01'],
        cv_test=['P02T01C02', 'P03T01C02'],
    )
    clip = store[store.find('P02T01C02')]
    assert clip['keypoint'].shape == (1, 40, 17, 2) and clip['label'] == -1
    assert not clip['keypoint_score'][:, :2].any() and clip['keypoint_score'][:, 2:].all()


def test_the_real_tsu_video(shared_data, tmp_path):
    source = shared_data / 'tsu'
    annotation = json.loads((source / 'balanced_tsu_annotation.json').read_text())
    conversion = tsu(source, source / 'balanced_tsu_annotation.json')
    run_conversion(conversion, tmp_path / 'store', progress=False)
    store = SkeletonStore(tmp_path / 'store')
    assert list(store.ids) == ['P11T13C03'] and len(store.classes) == 34
    clip = store[0]
    poses = np.load(source / 'P11T13C03_LCRNet2d.npz')['kpts']
    assert clip['total_frames'] == len(poses) == 34520
    wrist = store.layout.index('left_wrist')
    np.testing.assert_array_equal(clip['keypoint'][0, :, wrist], poses[:, 9])
    np.testing.assert_array_equal(clip['keypoint_score'][0, :, wrist] > 0, (poses[:, 9] != 0).any(-1))
    assert segments(store, 'P11T13C03') == [tuple(a) for a in annotation['P11T13C03']['actions']]
    assert list(store.split('cs_test')) == [0] and len(store.split('cs_train')) == 0


def test_charades_counts_in_seconds(tmp_path, rng):
    write_poses(tmp_path / 'src', rng, AAAAA=300, BBBBB=100)
    annotation = write_annotation(
        tmp_path / 'a.json',
        AAAAA=('training', 10.0, [[156, 1.0, 2.0], [3, 9.5, 30]]),
        BBBBB=('testing', 5.0, [[0, 0.0, 1.0]]),
    )
    run_conversion(charades(tmp_path / 'src', annotation), tmp_path / 'store', progress=False)
    store = SkeletonStore(tmp_path / 'store')
    # 300 frames in 10 s are 30 a second, 100 in 5 s are 20
    assert segments(store, 'AAAAA') == [(156, 30, 60), (3, 285, 300)]
    assert segments(store, 'BBBBB') == [(0, 0, 20)]
    assert [store[i]['fps'] for i in range(2)] == [30, 20]
    assert [list(store.split(name)) for name in ('train', 'test')] == [[0], [1]]
    run_conversion(charades(tmp_path / 'src', annotation, fps=10), tmp_path / 'ten', progress=False)
    assert segments(SkeletonStore(tmp_path / 'ten'), 'BBBBB') == [(0, 0, 10)]


def write_pku(folder, rng, names=('0002-L', '0002-M', '0003-R')):
    folder.mkdir()
    poses = {}
    for name in names:
        poses[name] = rng.uniform(-2, 4, (20, 2, 25, 3)).round(4)
        if name == '0003-R':
            poses[name][:, 1] = 0
        lines = [' '.join(map(str, frame.ravel())) for frame in poses[name]]
        (folder / f'{name}.skeleton').write_text('\n'.join(lines) + '\n')
        (folder / f'{name}.label').write_text('1,2,9,2\n51,10,30,1\n')
    return poses


def test_pku_mmd(tmp_path, rng):
    poses = write_pku(tmp_path / 'src', rng)
    split = tmp_path / 'cross-subject.txt'
    split.write_text('Training videos:\n0002-L, 0002-M, 0999-R\nValidataion videos:\n0003-R\n')
    run_conversion(pku_mmd(tmp_path / 'src', tmp_path / 'src', split), tmp_path / 'store', progress=False)
    store = SkeletonStore(tmp_path / 'store')
    assert store.layout.name == 'ntu25' and len(store.classes) == 51
    found = store[store.find('0002-M')]
    np.testing.assert_allclose(found['keypoint'], poses['0002-M'].transpose(1, 0, 2, 3), rtol=1e-6)
    assert store[store.find('0003-R')]['keypoint'].shape == (1, 20, 25, 3)
    assert segments(store, '0002-L') == [(0, 2, 9), (50, 10, 20)]
    splits = {name: [store.ids[row] for row in store.split(name)] for name in store.split_names}
    assert splits == dict(
        cs_train=['0002-L', '0002-M'],
        cs_test=['0003-R'],
        cv_train=['0002-M', '0003-R'],
        cv_test=['0002-L'],
    )
    assert 'cs_train' in pku_mmd(tmp_path / 'src', tmp_path / 'src').notes[0]


def test_bad_annotations_are_named(tmp_path, rng):
    poses = write_poses(tmp_path / 'src', rng, P03T01C01=50)
    path = tmp_path / 'a.json'
    for text, message in (
        ('{"P03', 'expected JSON'),
        ('[]', 'expected'),
        ('{"P03T01C01": {"subset": "training", "duration": 5}}', "video 'P03T01C01'"),
        ('{"P03T01C01": {"subset": "val", "duration": 5, "actions": []}}', "'val'"),
        ('{"P03T01C01": {"subset": "training", "duration": 5, "actions": [[1, 2]]}}', 'class, start, end'),
    ):
        path.write_text(text)
        with pytest.raises(ValueError, match=message):
            load_dense_annotation(path)
    write_annotation(path, P99T01C01=('training', 50, [[0, 1, 2]]))
    with pytest.raises(ValueError, match='names none of the 1 videos'):
        tsu(poses, path)
    write_annotation(path, P03T01C01=('training', 50, [[7, 1, 2]]))
    with pytest.raises(ValueError, match='class 7 of 2'):
        tsu(poses, path, classes=['a', 'b'])
    with pytest.raises(FileNotFoundError, match='no pose files'):
        tsu(tmp_path / 'absent', path)


def test_bad_pose_files_are_named(tmp_path, rng):
    poses = write_poses(tmp_path / 'src', rng, P03T01C01=50)
    path = write_annotation(tmp_path / 'a.json', P03T01C01=('training', 500, [[0, 1, 2]]))

    def read():
        conversion = tsu(poses, path)
        return conversion.read(conversion.jobs[0].source)

    with pytest.raises(BadClipError, match=r'P03T01C01.*50 frames, the annotation says 500'):
        read()
    (file,) = poses.iterdir()
    np.savez(file, kpts=np.ones((5, 13, 2)))
    with pytest.raises(BadClipError, match=r'P03T01C01.*found \(1, 5, 13, 2\)'):
        read()
    file.write_bytes(b'PK rubbish')
    with pytest.raises(BadClipError, match=r'P03T01C01.*expected arrays'):
        read()


def test_bad_pku_files_are_named(tmp_path, rng):
    write_pku(tmp_path / 'src', rng, ['0002-L'])
    conversion = pku_mmd(tmp_path / 'src', tmp_path / 'src')
    file = tmp_path / 'src' / '0002-L.skeleton'
    text = file.read_text()
    for content, message in (
        (text[:-30], 'line 20: expected 150 numbers'),
        ('', 'no frames'),
        (text + 'abc\n', 'expected a text file of numbers'),
    ):
        file.write_text(content)
        with pytest.raises(BadClipError, match=f'0002-L.*{message}'):
            conversion.read(conversion.jobs[0].source)
    label = tmp_path / 'src' / '0002-L.label'
    for content, message in (('52,1,5,1\n', 'line 1: class 52'), ('1,2\n', "found '1,2'")):
        label.write_text(content)
        with pytest.raises(BadClipError, match=message):
            read_pku_mmd_labels(label)
    with pytest.raises(BadClipError, match='no such label file'):
        read_pku_mmd_labels(tmp_path / 'absent.label')
    label.write_text('Training\n0001-L\n')
    with pytest.raises(ValueError, match='expected names like'):
        read_cross_subject(label)


def test_commands(repo, tmp_path, rng, capsys):
    def run(name, *args):
        return load_tool(f'data/{name}.py').main([*map(str, args), '--quiet'])

    poses = write_poses(tmp_path / 'poses', rng, P03T01C01=50, P04T01C01=30)
    entry = ('training', 50, [[0, 1, 2]])
    annotation = write_annotation(tmp_path / 'a.json', P03T01C01=entry, P04T01C01=entry)
    arguments = ('--src', poses, '--annotation', annotation, '--out')
    (poses / 'P04T01C01_LCRNet2d.npz').write_bytes(b'')
    assert run('convert_tsu', *arguments, tmp_path / 'tsu') == 1
    assert 'P04T01C01' in capsys.readouterr().err
    assert run('convert_tsu', *arguments, tmp_path / 'tsu', '--skip-bad') == 0
    assert 'skipped 1 bad clips' in capsys.readouterr().out
    assert run('convert_charades', *arguments, tmp_path / 'charades', '--skip-bad') == 0
    write_pku(tmp_path / 'pku', rng)
    assert (
        run(
            'convert_pku_mmd',
            '--src',
            tmp_path / 'pku',
            '--labels',
            tmp_path / 'pku',
            '--out',
            tmp_path / 'p',
        )
        == 0
    )
    assert [len(SkeletonStore(tmp_path / name)) for name in ('tsu', 'charades', 'p')] == [1, 1, 3]
