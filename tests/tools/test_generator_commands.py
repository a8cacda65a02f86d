"""LAC's generator as a user meets it: the sweep over J, editing on the command line, the demo."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from mmactrep.apis.motion_inputs import DEFAULT_GENERATOR, read_motion
from mmactrep.engine.run_figures import printed_figures
from mmactrep.engine.trained_on import GENERATOR, LAYOUT
from mmactrep.evaluation.functional import reconstruction_shares
from mmactrep.models.generators import compose, decode_sequence, encode_sequence, load_generator
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
    """A checkpoint alone: it holds the config of the generator and the layout of its skeletons."""
    return [str(trained / 'sweep' / 'J128' / 'epoch_1.pth')]


@pytest.fixture
def older(trained, tmp_path) -> Path:
    """The same as former versions wrote it: without the generator's config."""
    content = torch.load(trained / 'sweep' / 'J128' / 'epoch_1.pth', weights_only=True)
    del content['meta'][GENERATOR]
    torch.save(content, tmp_path / 'older.pth')
    return tmp_path / 'older.pth'


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


def test_a_checkpoint_holds_the_layout_of_its_generator(generator_files):
    """Not that of the library, which has other joints."""
    meta = torch.load(generator_files[0], weights_only=True)['meta']
    assert get_layout(meta[LAYOUT]) == get_layout(meta[GENERATOR]['layout']) == get_layout('posetics17')
    assert get_layout('posetics17') != LIBRARY_LAYOUT
    assert load_generator(generator_files[0]).num_motion == 128


def test_older_checkpoints_need_their_config(trained, generator_files, older, tmp_path, capsys):
    tool = load_tool('edit_motion.py')
    captures = ['--motion', str(trained / 'one.bvh'), str(trained / 'two.bvh')]
    assert tool.main(['swap', str(older), *captures, '--out', str(tmp_path / 'a')]) == 1
    assert "does not hold its generator's config" in capsys.readouterr().err
    assert tool.main(['swap', CONFIG, str(older), *captures, '--out', str(tmp_path / 'a')]) == 0
    assert tool.main(['swap', *generator_files, *captures, '--out', str(tmp_path / 'b')]) == 0
    for i in range(2):
        with np.load(tmp_path / f'a_{i}.npz') as first, np.load(tmp_path / f'b_{i}.npz') as second:
            np.testing.assert_array_equal(first['keypoint'], second['keypoint'])
    j16 = trained / 'sweep' / 'J16' / 'best_retargeting_mse_epoch_1.pth'
    assert tool.main(['swap', CONFIG, str(j16), *captures, '--out', str(tmp_path / 'c')]) == 1
    assert 'does not fit' in capsys.readouterr().err


def test_views_and_characters_of_each_input(generator_files, tmp_path):
    """One performance on two bodies, seen from two sides."""
    tool = load_tool('edit_motion.py')
    inputs = ['--motion', 'procedural::wave', '--static', 'procedural::wave']
    statics = ['--view', '10', '60', '--character', '3', '1001']
    out = ['--out', str(tmp_path / 'x')]
    assert tool.main(['retarget', *generator_files, *inputs, *statics, *out]) == 0
    generator = load_generator(*generator_files)
    motion, static = (
        read_motion('procedural::wave', generator.layout, view=view, character=character).keypoint
        for view, character in ((10.0, 3), (60.0, 1001))
    )
    code = encode_sequence(generator, motion).code.motion
    expected = decode_sequence(generator, code, encode_sequence(generator, static), len(motion))
    with np.load(tmp_path / 'x.npz') as content:
        np.testing.assert_allclose(content['keypoint'][0], expected, atol=1e-5)
    # two inputs of one name are two panels beside the result
    capture = cv2.VideoCapture(str(tmp_path / 'x.mp4'))
    assert capture.get(cv2.CAP_PROP_FRAME_WIDTH) == 3 * 240


def test_walk_draws_a_row_a_direction(trained, generator_files, tmp_path):
    tool = load_tool('edit_motion.py')
    arguments = ['--static', str(trained / 'one.bvh'), '--directions', '3', '5', '--steps', '4']
    assert tool.main(['walk', *generator_files, *arguments, '--out', str(tmp_path / 'walk')]) == 0
    assert cv2.imread(str(tmp_path / 'walk.png')).shape == (400, 600, 3)


def test_a_sheet_of_motions_and_statics(trained, generator_files, tmp_path, capsys):
    tool = load_tool('edit_motion.py')
    captures = [str(trained / 'one.bvh'), str(trained / 'two.bvh')]
    inputs = [
        '--motion',
        *captures,
        '--static',
        f'{trained / "store"}::clip',
        captures[0],
        'procedural::stand',
    ]
    assert tool.main(['sheet', *generator_files, *inputs, '--out', str(tmp_path / 'sheet')]) == 0
    assert cv2.imread(str(tmp_path / 'sheet.png')).shape == (3 * 120, 100 + 5 * 230, 3)
    # without arguments, on the generator in the repository
    assert tool.main(['sheet', '--out', str(tmp_path / 'default')]) == 0
    assert cv2.imread(str(tmp_path / 'default.png')).shape == (5 * 120, 100 + 6 * 230, 3)
    assert tool.main(['sheet', '--motion', captures[0], '--out', str(tmp_path / 'x')]) == 1
    assert 'sheet takes --motion and --static, or neither' in capsys.readouterr().err


def test_codes_of_a_generator_as_points(generator_files, tmp_path, capsys):
    tool = load_tool('analysis/plot_features.py')
    small = ['--classes', 'walk', 'wave', '--performances', '2', '--out', str(tmp_path / 'codes.png')]
    assert tool.main([*generator_files, *small]) == 0
    found = printed_figures(capsys.readouterr().out)
    assert cv2.imread(str(tmp_path / 'codes.png')) is not None
    # 28 sequences, half of each motion, four of each view
    for kind in ('motion codes', 'static codes'):
        assert found[f'{kind} by motion at random'] == pytest.approx(13 / 27, abs=1e-4)
        assert found[f'{kind} by view at random'] == pytest.approx(3 / 27, abs=1e-4)
    assert found['static codes by view'] > 3 / 27
    assert tool.main([*generator_files, *small, '--by', 'weather']) == 1
    assert 'colored by view or character, not weather' in capsys.readouterr().err
    assert tool.main([*generator_files, '--classes', 'levitate']) == 1
    assert "no procedural motion 'levitate'" in capsys.readouterr().err


def test_demo_writes_six_panels(trained, generator_files, tmp_path):
    demo = load_tool('../demo/motion_composition_demo.py')
    sources = [str(trained / 'one.bvh'), f'{trained / "store"}::clip']
    files = ['--out', str(tmp_path / 'demo.mp4'), '--sheet', str(tmp_path / 'sheet.png')]
    assert demo.main([*generator_files, *sources, *files]) == 0
    assert frames_of(tmp_path / 'demo.mp4') == 30
    height, width = cv2.imread(str(tmp_path / 'sheet.png')).shape[:2]
    assert (height, width) == (6 * 150, 7 * 130)


def test_demo_without_arguments(monkeypatch, tmp_path):
    """The checkpoint and the motions come with the repository."""
    monkeypatch.chdir(tmp_path)
    assert load_tool('../demo/motion_composition_demo.py').main([]) == 0
    assert frames_of(tmp_path / 'work_dirs' / 'demo' / 'composition.mp4') == 96
    assert cv2.imread('work_dirs/demo/composition.png') is not None


def test_the_generator_in_the_repository_keeps_what_it_sees(tmp_path):
    """Small, and trained: a performance and a character that it never saw keep their movement."""
    assert DEFAULT_GENERATOR.stat().st_size <= 3e6
    generator = load_generator(DEFAULT_GENERATOR)
    assert all(value.dtype == torch.float32 for value in generator.parameters())
    keypoint = read_motion('procedural::squat', generator.layout, view=30, character=1001).keypoint
    pose, movement = reconstruction_shares(compose(generator, [keypoint]), keypoint, generator.layout)
    assert pose < 0.2 and movement < 0.3


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

    assert 'retarget takes one --motion and one --static' in message('retarget', *generator_files)
    assert 'compose takes two or more' in message('compose', *generator_files, '--motion', capture)
    walk = ['--static', str(trained / 'absent.bvh')]
    assert 'absent.bvh: no such file' in message('walk', *generator_files, *walk)
    walk = ['--static', capture, '--directions', '128']
    assert 'directions 0 to 127, not [128]' in message('walk', *generator_files, *walk)
    recognizer = str(REPO / 'configs' / 'unik' / 'unik_penn_2d.py')
    wrong = [recognizer, *generator_files, '--static', capture]
    assert 'expected a config of a motion generator' in message('walk', *wrong)
    (tmp_path / 'bad.bvh').write_text('HIERARCHY\nROOT')
    walk = ['--static', str(tmp_path / 'bad.bvh')]
    assert 'bad.bvh' in message('walk', *generator_files, *walk)
    wrong = [CONFIG, str(trained / 'sweep' / 'J16' / 'results.json'), '--static', capture]
    assert 'cannot be read as a checkpoint' in message('walk', *wrong)
    assert 'a config needs its checkpoint' in message('walk', CONFIG, '--static', capture)
    assert 'expected [[CONFIG.py] CHECKPOINT.pth], found a.txt' in message(
        'walk', 'a.txt', '--static', capture
    )
    walk = ['--static', 'procedural::levitate']
    assert "no procedural motion 'levitate'; there are drink," in message('walk', *generator_files, *walk)
    walk = ['--static', 'procedural::walk::x']
    assert 'procedural::MOTION::PERFORMANCE' in message('walk', *generator_files, *walk)
    views = ['--motion', capture, '--static', capture, '--view', '1', '2', '3']
    assert '--view takes one value, or 2 for 2 inputs' in message('retarget', *generator_files, *views)


def test_what_a_generator_loses_of_a_store(trained, generator_files, capsys):
    tool = load_tool('analysis/evaluate_generator.py')
    assert tool.main([*generator_files, str(trained / 'store')]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line[:2] for line in lines[-4:-2]] == [['a', '1'], ['all', '1']]
    generator = load_generator(*generator_files)
    keypoint = read_motion(f'{trained / "store"}::clip', generator.layout).keypoint
    shares = reconstruction_shares(compose(generator, [keypoint]), keypoint, generator.layout)
    assert [float(value) for value in lines[-3][2:]] == pytest.approx(shares, abs=6e-4)
    assert [line[:2] for line in lines[-2:]] == [['pose', 'error:'], ['movement', 'lost:']]
    assert [float(line[2]) for line in lines[-2:]] == pytest.approx(shares, abs=6e-5)


def test_a_sweep_over_nothing_is_refused(capsys):
    with pytest.raises(SystemExit):
        load_tool('analysis/sweep_lac_dictionary.py').main([CONFIG, '--num-motion'])
    assert 'nothing to train' in capsys.readouterr().err
