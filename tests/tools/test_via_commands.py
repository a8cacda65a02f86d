"""ViA as a user runs it: the library, then clips without labels, then editing, extraction and recognition."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope

from mmactrep.engine.checkpoints import read_checkpoint
from mmactrep.engine.composed_config import compose_config
from mmactrep.models.generators import ViAAutoencoder, encode_sequence, load_generator, retarget, walk_static
from mmactrep.motion.library import write_library
from mmactrep.motion.library_layout import LIBRARY_LAYOUT
from mmactrep.motion.sources import LibrarySettings
from mmactrep.registry import DATASETS, MODELS
from mmactrep.store.writer import SkeletonStoreWriter
from tests.helpers.training import REPO, load_tool, restored_random_state

WIDTHS = (4, 4, 4, 4, 8, 8, 8, 12, 12, 12)
GENERATOR = [f'model.generator.backbone.channels={WIDTHS}', 'model.generator.num_static=3']
ONE_EPOCH = ['train_cfg.max_epochs=1', 'default_hooks.checkpoint.interval=1']


def here(*loaders: str) -> list[str]:
    """Options that keep loaders in this process."""
    return [f'{each}.{name}' for each in loaders for name in ('num_workers=0', 'persistent_workers=False')]


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    """Folder with the checkpoints of an epoch on a library and of one on clips that starts from it."""
    folder = tmp_path_factory.mktemp('via')
    settings = LibrarySettings(2, 2, performances=1, test_performances=1, improvised=1, frames=16)
    for name in ('bank', 'synthetic'):
        write_library(folder / 'motion' / name, settings.splits(), LIBRARY_LAYOUT, 30.0, settings.classes)
    rng = np.random.default_rng(0)
    with SkeletonStoreWriter(
        folder / 'penn_action' / '2d', 'posetics17', [f'class {i}' for i in range(15)]
    ) as writer:
        for i in range(6):
            score = (rng.random((1, 40, 17)) > 0.1).astype(np.float32)
            keypoint = rng.normal(300, 60, (1, 1, 17, 2)) + rng.normal(0, 5, (1, 40, 17, 2)).cumsum(axis=1)
            writer.add(f'clip_{i}', keypoint * score[..., None], score, label=i % 3, img_shape=(480, 640))
        for split in ('train', 'test'):
            writer.add_split(split, [f'clip_{i}' for i in range(6)])
        writer.finish()
    train = load_tool('train.py').main
    loaders = [f'default_hooks.knn.{name}_dataloader.num_workers=0' for name in ('train', 'test')]
    with pytest.MonkeyPatch.context() as patch, restored_random_state():
        patch.setenv('MMACTREP_DATA_ROOT', str(folder))
        library = [str(REPO / 'configs/via/via_library_2d_small.py'), '--work-dir', str(folder / 'library')]
        options = ['default_hooks.statistics.samples=8', 'train_dataloader.dataset.samples=8']
        options += ['train_dataloader.batch_size=4', 'train_cfg.val_interval=1']
        options += ['val_dataloader.dataset.samples_per_window=1', *ONE_EPOCH, *GENERATOR]
        options += here('train_dataloader', 'val_dataloader', 'test_dataloader')
        train([*library, '--cfg-options', *options])
        penn = [str(REPO / 'configs/via/via_penn_2d.py'), '--work-dir', str(folder / 'penn')]
        penn += ['--load-from', str(folder / 'library' / 'epoch_1.pth')]
        options = [
            'train_dataloader.batch_size=3',
            *ONE_EPOCH,
            *GENERATOR,
            *here('train_dataloader'),
            *loaders,
        ]
        train([*penn, '--cfg-options', *options])
    return folder


@pytest.fixture(params=['library', 'penn'])
def checkpoint(trained, request):
    """One after the other: of ``MotionRetargeter``, and of ``ViA``."""
    return trained / request.param / 'epoch_1.pth'


def test_the_log_has_the_losses_and_the_accuracy_of_neighbors(trained):
    (log,) = (trained / 'penn').glob('*/*.log')
    text = log.read_text()
    assert len(re.findall(r'knn/top1: \d\.\d+', text)) == 2  # before the first epoch and after the last
    for name in ('self', 'cycle', 'triplet', 'velocity'):
        assert f'loss_{name}: ' in text


def test_the_second_training_starts_from_the_first(trained):
    """Its statistics are those of the library, not new ones; its weights are not far."""
    library, penn = (load_generator(trained / name / 'epoch_1.pth') for name in ('library', 'penn'))
    torch.testing.assert_close(library.mean, penn.mean, atol=0, rtol=0)
    assert library.mean.abs().max() > 1  # of motions in the unit of the library
    first, second = (each.dictionary.weight for each in (library, penn))
    assert 0 < (first - second).abs().max() < 0.01


def test_a_checkpoint_alone_is_edited_by_the_tools(checkpoint, trained, tmp_path, rng, capsys):
    generator = load_generator(checkpoint)
    assert isinstance(generator, ViAAutoencoder)
    assert (generator.num_static, generator.num_motion, generator.stride) == (3, 12, 4)
    store = trained / 'penn_action' / '2d'
    motions = [f'{store}::clip_0', f'{store}::clip_1']
    tool = load_tool('edit_motion.py')
    assert tool.main(['swap', str(checkpoint), '--motion', *motions, '--out', str(tmp_path / 'swap')]) == 0
    from mmactrep.apis.motion_inputs import read_motion

    first, second = (read_motion(each, generator.layout).keypoint for each in motions)
    with np.load(tmp_path / 'swap_0.npz') as content:
        np.testing.assert_allclose(content['keypoint'][0], retarget(generator, first, second), atol=1e-3)
    assert tool.main(['walk', str(checkpoint), '--static', motions[0], '--out', str(tmp_path / 'walk')]) == 0
    assert (tmp_path / 'walk.png').stat().st_size
    walk = ['walk', str(checkpoint), '--motion', motions[0], '--out', str(tmp_path / 'statics')]
    assert tool.main([*walk, '--directions', '2', '--steps', '3']) == 0
    own = encode_sequence(generator, first).code.static[0]
    magnitudes = own[2] + own.square().mean().sqrt() * torch.tensor([-2, 0, 2])
    with np.load(tmp_path / 'statics.npz') as content:
        assert content['keypoint'].shape == (3, *first.shape)
        np.testing.assert_allclose(
            content['keypoint'], walk_static(generator, first, magnitudes.tolist(), 2), atol=1e-3
        )
    assert tool.main([*walk, '--steps', '2']) == 0  # A_c and the three directions
    assert len(list(tmp_path.glob('statics_*.npz'))) == 4
    assert tool.main([*walk, '--directions', '3']) == 1
    assert 'directions 0 to 2, not [3]' in capsys.readouterr().err
    evaluate = load_tool('analysis/evaluate_generator.py').main
    assert evaluate([str(checkpoint), str(store)]) == 0
    assert re.search(r'^all +6 +\d', capsys.readouterr().out, re.MULTILINE)
    demo = load_tool('../demo/motion_composition_demo.py').main
    files = ['--out', str(tmp_path / 'demo.mp4'), '--sheet', str(tmp_path / 'sheet.png')]
    assert demo([str(checkpoint), *motions, *files]) == 0
    assert (tmp_path / 'sheet.png').stat().st_size


def test_the_encoder_is_a_plain_unik_for_a_recognizer(checkpoint, trained, tmp_path, monkeypatch):
    """Extracted and loaded as by the protocols: the recognizer's features are r_{m,c} of the same clip."""
    init_default_scope('mmactrep')
    assert (
        load_tool('model_converters/extract_backbone.py').main([str(checkpoint), str(tmp_path / 'e.pth')])
        == 0
    )
    encoder = read_checkpoint(tmp_path / 'e.pth')['state_dict']
    monkeypatch.setenv('MMACTREP_DATA_ROOT', str(trained))
    options = {'model.backbone.channels': WIDTHS, 'model.cls_head.in_channels': 12}
    cfg = compose_config(REPO / 'configs/unik/unik_penn_2d_small.py', options=options)
    recognizer = MODELS.build(cfg.model).eval()
    missing, unexpected = recognizer.load_state_dict(encoder, strict=False)
    assert not unexpected and all(name.startswith('cls_head.') for name in missing)
    clip = torch.as_tensor(DATASETS.build(cfg.test_dataloader.dataset)[2]['inputs'])
    generator = load_generator(checkpoint)
    with torch.no_grad():
        found = recognizer.backbone.frame_features(clip)[0]
        code = generator.encode(generator.standardize(_motion(generator, clip[0, 0])))
        static = generator.dictionary() @ code.static[0]
    # coordinates of the library's unit, within rounding
    torch.testing.assert_close((code.motion[0] + static[:, None]).T, found, atol=1e-3, rtol=1e-2)


def _motion(generator, person):
    from mmactrep.structures.motion_representation import to_motion

    return to_motion(person, generator.layout)[None] * 100
