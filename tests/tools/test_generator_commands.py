"""LAC's generator as a user meets it: the sweep over J, editing on the command line, the demo."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from mmactrep.apis.motion_inputs import load_generator, read_motion
from mmactrep.evaluation.functional import reconstruction_shares
from mmactrep.models.generators import compose
from mmactrep.motion.library import write_library
from mmactrep.motion.library_layout import LIBRARY_LAYOUT
from mmactrep.motion.sources import LibrarySettings
from mmactrep.store.writer import SkeletonStoreWriter
from mmactrep.structures import get_layout
from mmactrep.structures.motion_representation import fill_missing, motion_root
from tests.helpers.humanoid_bvh import humanoid_bvh
from tests.helpers.training import REPO, load_tool, restored_random_state

CONFIG = str(REPO / 'configs' / 'lac' / 'lac_generator_synthetic_2d.py')
SMALL = [
    'default_hooks.statistics.samples=50',
    *('train_cfg.max_epochs=1', 'train_cfg.val_interval=1', 'default_hooks.checkpoint.interval=1'),
    *(f'{name}_dataloader.num_workers=0' for name in ('train', 'val', 'test')),
    *(f'{name}_dataloader.persistent_workers=False' for name in ('train', 'val', 'test')),
    *(f'{name}_dataloader.dataset.samples_per_window=1' for name in ('train', 'val', 'test')),
]


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    """Folder with a library, two sizes of the dictionary trained for an epoch, a capture and a store."""
    folder = tmp_path_factory.mktemp('generator')
    settings = LibrarySettings(2, 2, performances=1, test_performances=1, improvised=1, frames=16)
    write_library(folder / 'motion' / 'synthetic', settings.splits(), LIBRARY_LAYOUT, 30.0, settings.classes)
    (folder / 'one.bvh').write_text(humanoid_bvh(30, seed=1))
    (folder / 'two.bvh').write_text(humanoid_bvh(25, seed=2))
    rng = np.random.default_rng(0)
    with SkeletonStoreWriter(folder / 'store', 'posetics17', ['a']) as writer:
        score = (rng.random((1, 40, 17)) > 0.1).astype(np.float32)
        writer.add('clip', rng.uniform(1, 400, (1, 40, 17, 2)), score, label=0, img_shape=(480, 640))
        writer.finish()
    sweep = load_tool('analysis/sweep_lac_dictionary.py')
    arguments = [CONFIG, '--num-motion', '16', '128', '--work-dir', str(folder / 'sweep')]
    with pytest.MonkeyPatch.context() as patch, restored_random_state():
        patch.setenv('MMACTREP_DATA_ROOT', str(folder))
        sweep.main([*arguments, '--cfg-options', *SMALL])
        # nothing is trained again where results are
        (folder / 'sweep' / 'J16' / 'epoch_1.pth').unlink()
        assert sweep.main([*arguments, '--cfg-options', *SMALL]) == 0
    return folder


@pytest.fixture
def generator_files(trained):
    return [CONFIG, str(trained / 'sweep' / 'J128' / 'epoch_1.pth')]


def frames_of(path: Path) -> int:
    return int(cv2.VideoCapture(str(path)).get(cv2.CAP_PROP_FRAME_COUNT))


def test_sweep_makes_a_table_of_both_sizes_beside_copying(trained):
    rows = (trained / 'sweep' / 'table.md').read_text().splitlines()
    assert [row.split(' | ')[0].strip('| ') for row in rows[2:]] == [
        'copying the source',
        'copying the static',
        'LAC, J = 16, K = 144',
        'LAC, J = 128, K = 32',
    ]
    found = json.loads((trained / 'sweep' / 'J128' / 'results.json').read_text())
    assert rows[-1].split(' | ')[1] == f'{found["mse"]:.4g}'
    assert rows[2].split(' | ')[1] == f'{found["copy_source"]:.4g}'


def test_composition_of_captures_by_command_is_that_of_the_function(trained, generator_files, tmp_path):
    tool = load_tool('edit_motion.py')
    captures = [str(trained / 'one.bvh'), str(trained / 'two.bvh')]
    out = tmp_path / 'composed'
    assert tool.main(['compose', *generator_files, '--motion', *captures, '--out', str(out)]) == 0
    generator = load_generator(*generator_files)
    keypoints = [read_motion(capture, generator.layout).keypoint for capture in captures]
    with np.load(out.with_suffix('.npz')) as content:
        assert content['layout'] == generator.layout.name
        np.testing.assert_allclose(content['keypoint'][0], compose(generator, keypoints), atol=1e-5)
    assert frames_of(out.with_suffix('.mp4')) == 30


def test_retargeting_to_a_stored_clip(trained, generator_files, tmp_path):
    tool = load_tool('edit_motion.py')
    source, static = str(trained / 'one.bvh'), f'{trained / "store"}::clip'
    out = tmp_path / 'retargeted'
    arguments = ['--motion', source, '--static', static, '--out', str(out)]
    assert tool.main(['retarget', *generator_files, *arguments]) == 0
    with np.load(out.with_suffix('.npz')) as content:
        keypoint = content['keypoint'][0]
    layout = load_generator(*generator_files).layout
    body, root = read_motion(static, layout).keypoint, motion_root(layout)
    assert keypoint.shape == (30, layout.num_joints, 2)
    np.testing.assert_allclose(keypoint[0, root], body[0, root], atol=1e-2)  # starts where the static does


def test_walk_draws_a_row_a_direction(trained, generator_files, tmp_path):
    tool = load_tool('edit_motion.py')
    arguments = ['--static', str(trained / 'one.bvh'), '--directions', '3', '5', '--steps', '4']
    assert tool.main(['walk', *generator_files, *arguments, '--out', str(tmp_path / 'walk')]) == 0
    assert cv2.imread(str(tmp_path / 'walk.png')).shape == (400, 600, 3)


def test_demo_writes_six_panels(trained, generator_files, tmp_path):
    demo = load_tool('../demo/motion_composition_demo.py')
    sources = [str(trained / 'one.bvh'), f'{trained / "store"}::clip']
    files = ['--out', str(tmp_path / 'demo.mp4'), '--sheet', str(tmp_path / 'sheet.png')]
    assert demo.main([*generator_files, *sources, *files]) == 0
    assert frames_of(tmp_path / 'demo.mp4') == 30
    height, width = cv2.imread(str(tmp_path / 'sheet.png')).shape[:2]
    assert (height, width) == (6 * 150, 7 * 130)


def test_motions_of_a_store_are_mapped_and_filled(trained):
    motion = read_motion(f'{trained / "store"}::clip', 'motion15')
    from mmactrep.store.reader import SkeletonStore

    clip = SkeletonStore(trained / 'store')[0]
    layout = get_layout('motion15')
    keypoint, score = clip['layout'].mapping_to(layout)(clip['keypoint'][0], clip['keypoint_score'][0])
    np.testing.assert_allclose(motion.keypoint, fill_missing(keypoint, score, layout), atol=1e-3)


def test_mistakes_are_told(trained, generator_files, tmp_path, capsys):
    tool = load_tool('edit_motion.py')
    out, capture = ['--out', str(tmp_path / 'x')], str(trained / 'one.bvh')

    def message(*arguments: str) -> str:
        assert tool.main([*arguments, *out]) == 1
        return capsys.readouterr().err

    assert 'retarget takes one --motion and --static' in message('retarget', *generator_files)
    assert 'compose takes two or more' in message('compose', *generator_files, '--motion', capture)
    walk = ['--static', str(trained / 'absent.bvh')]
    assert 'absent.bvh: no such file' in message('walk', *generator_files, *walk)
    walk = ['--static', capture, '--directions', '128']
    assert 'directions 0 to 127, not [128]' in message('walk', *generator_files, *walk)
    recognizer = str(REPO / 'configs' / 'unik' / 'unik_penn_2d.py')
    wrong = [recognizer, generator_files[1], '--static', capture]
    assert 'expected a config of a motion generator' in message('walk', *wrong)
    (tmp_path / 'bad.bvh').write_text('HIERARCHY\nROOT')
    walk = ['--static', str(tmp_path / 'bad.bvh')]
    assert 'bad.bvh' in message('walk', *generator_files, *walk)
    wrong = [CONFIG, str(trained / 'sweep' / 'J16' / 'results.json'), '--static', capture]
    assert 'cannot be read as a checkpoint' in message('walk', *wrong)


def test_what_a_generator_loses_of_a_store(trained, generator_files, capsys):
    tool = load_tool('analysis/evaluate_generator.py')
    assert tool.main([*generator_files, str(trained / 'store')]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line[:2] for line in lines[-2:]] == [['a', '1'], ['all', '1']]
    generator = load_generator(*generator_files)
    keypoint = read_motion(f'{trained / "store"}::clip', generator.layout).keypoint
    shares = reconstruction_shares(compose(generator, [keypoint]), keypoint, generator.layout)
    assert [float(value) for value in lines[-1][2:]] == pytest.approx(shares, abs=6e-4)


def test_a_sweep_over_nothing_is_refused(capsys):
    with pytest.raises(SystemExit):
        load_tool('analysis/sweep_lac_dictionary.py').main([CONFIG, '--num-motion'])
    assert 'nothing to train' in capsys.readouterr().err
