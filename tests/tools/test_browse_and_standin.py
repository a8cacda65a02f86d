"""The commands that make and show data, run as a user would."""

from pathlib import Path

import cv2
import pytest

from mmactrep.motion.procedural.generator import MotionGenerator
from mmactrep.store.reader import SkeletonStore
from mmactrep.store.writer import SkeletonStoreWriter
from mmactrep.structures import get_layout
from tests.helpers.training import load_tool

TOOLS = Path(__file__).parents[2] / 'tools'


@pytest.fixture(scope='module')
def store(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp('stores') / 'store'
    batch = MotionGenerator(12, classes=('walk', 'drink')).generate(6)
    with SkeletonStoreWriter(root, get_layout('posetics17'), ['walk', 'drink'], num_channels=2) as writer:
        ids = [f'clip{i}' for i in range(6)]
        for clip_id, keypoint, score, label in zip(ids, batch.keypoint, batch.score, batch.label):
            writer.add(clip_id, keypoint, score, label=int(label), img_shape=(480, 640))
        writer.add_split('train', ids[:4])
        writer.add_split('val', ids[4:])
        writer.finish()
    return root


def test_browsing_a_store(store, tmp_path, capsys):
    browse = load_tool('analysis/browse_dataset.py')
    assert (
        browse.main(['--store', str(store), '--split', 'val', '--out', str(tmp_path), '--size', '60', '80'])
        == 0
    )
    assert sorted(p.name for p in tmp_path.iterdir()) == ['clip4.mp4', 'clip4.png', 'clip5.mp4', 'clip5.png']
    sheet = cv2.imread(str(tmp_path / 'clip4.png'))
    assert sheet.shape == (60, 8 * 80, 3) and sheet.max() > 200
    assert 'clip5.png' in capsys.readouterr().out


def test_browsing_a_config_shows_joints_after_the_transforms(store, tmp_path):
    config = tmp_path / 'config.py'
    config.write_text(
        f"default_scope = 'mmactrep'\n"
        f"pipeline = [dict(type='BoxNormalize'), dict(type='UniformTemporalSample', length=9), "
        f"dict(type='SkeletonStream'), dict(type='FormatSkeleton', num_person=1)]\n"
        f"dataset = dict(type='SkeletonDataset', ann_file={str(store)!r}, split='train', pipeline=pipeline)\n"
        f'train_dataloader = dict(dataset=dataset)\n'
    )
    browse = load_tool('analysis/browse_dataset.py')
    clips = list(browse.config_clips(str(config), 'train', [], 2, None))
    assert [clip['keypoint'].shape for clip in clips] == [(1, 9, 17, 2)] * 2
    assert all(abs(clip['keypoint']).max() <= 1.01 for clip in clips)
    assert browse.main([str(config), '--count', '2', '--no-video', '--out', str(tmp_path / 'out')]) == 0
    assert len(list((tmp_path / 'out').glob('*.png'))) == 2


def test_browsing_nothing_says_so(tmp_path, capsys):
    browse = load_tool('analysis/browse_dataset.py')
    assert browse.main(['--store', str(tmp_path / 'absent')]) == 1
    assert 'absent' in capsys.readouterr().err
    with pytest.raises(SystemExit):
        browse.parse_args([])


def test_geometric_part_ends_at_the_formatting():
    browse = load_tool('analysis/browse_dataset.py')
    pipeline = [
        dict(type=t) for t in ('BoxNormalize', 'SkeletonStream', 'ReplayPad', 'FormatSkeleton', 'RandomMove')
    ]
    assert [t['type'] for t in browse.geometric_part(pipeline)] == ['BoxNormalize', 'ReplayPad']


def test_make_standin_then_convert(tmp_path, capsys):
    make = load_tool('data/make_standin.py')
    raw = tmp_path / 'raw'
    command = [
        '--out',
        str(raw),
        '--train',
        '6',
        '--test',
        '4',
        '--frames',
        '10',
        '--motions',
        'walk',
        'drink',
    ]
    assert make.main(command) == 0
    out = capsys.readouterr().out
    assert 'NOT the real data set' in out and '10 of 10 clips' in out
    assert make.main(command) == 0 and 'exists already' in capsys.readouterr().out
    assert make.main([*command, '--seed', '1']) == 1 and 'other settings' in capsys.readouterr().err
    convert = load_tool('data/convert_posetics.py')
    assert convert.main(['--src', str(raw), '--out', str(tmp_path / 'store'), '--quiet']) == 0
    store = SkeletonStore(tmp_path / 'store')
    assert len(store) == 10 and len(store.split('train')) == 6 and store.layout.name == 'posetics17'
    assert store.attributes['standin'] and list(store.classes) == ['walk', 'drink']


def test_benchmark_prints_every_step(capsys):
    assert load_tool('analysis/benchmark_generator.py').main(['--clips', '20', '--frames', '8']) == 0
    out = capsys.readouterr().out
    assert 'forward kinematics' in out and '20 clips of 8 frames' in out
