"""T-MOR on a mixture of data sets of several layouts: trained by the command, resumed exactly."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mmactrep.store.feature_writer import FeatureStoreWriter
from mmactrep.store.writer import SkeletonStoreWriter
from mmactrep.structures import get_layout
from tests.helpers.training import load_tool, restored_random_state

CONFIG = """
_base_ = '{repo}/configs/_base_/pretrain_runtime.py'
model = dict(
    type='TMOR',
    backbone=dict(type='UNIK', channels=(8, 8), strides=(1, 2), dilations=(1, 1), kernel_size=3),
    neck=dict(type='ProjectionHead', in_channels=8, out_channels=4),
    text_teacher='fake', text_neck=dict(type='ProjectionHead', in_channels=5, out_channels=4),
    text_loss=dict(learn_temperature=True),
    augmentation=dict(type='SkeletonAugmentation'), queue_size=12, momentum=0.9,
)
steps = [
    dict(type='FillMissingJoints'),
    dict(type='MapLayout', target='posetics17'),
    dict(type='BoxNormalize'),
    dict(type='UniformTemporalSample', length=8, num_clips=2, least_share=0.6),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=1),
]
pack = dict(
    type='PackSkeletonInputs', meta_keys=('frame_dir', 'sample_idx', 'text_features', 'text_category')
)
load = dict(type='LoadTeacherFeatures', kind='text', teacher='fake')
train_dataloader = dict(
    batch_size=4, num_workers=0, drop_last=True,
    sampler=dict(type='MixtureSampler', shares=(0.6, 0.4), samples=16),
    dataset=dict(
        type='ConcatDataset', ignore_keys=['classes', 'source', 'layout'],
        datasets=[
            dict(
                type='SkeletonDataset', ann_file='{root}/' + name,
                pipeline=[*steps, dict(load, root='{root}/' + name + '_text'), pack],
            )
            for name in ('posetics17', 'coco17')
        ],
    ),
)
custom_hooks = [dict(type='MomentumScheduleHook')]
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='SGD', lr=0.05, momentum=0.9))
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=3)
default_hooks = dict(logger=dict(interval=1), checkpoint=dict(interval=1, max_keep_ckpts=-1))
env_cfg = dict(dist_cfg=dict(backend='gloo'))
"""


def write_clips(root, layout):
    """Six clips of two classes, and features of a text for all but the last."""
    rng = np.random.default_rng(get_layout(layout).num_joints)
    with (
        SkeletonStoreWriter(root / layout, layout, ('wave', 'sit')) as writer,
        FeatureStoreWriter(root / f'{layout}_text', 'fake', 'text', 5) as texts,
    ):
        for i in range(6):
            keypoint = rng.uniform(50, 300, (1, 20, get_layout(layout).num_joints, 2))
            writer.add(f'{layout}_{i}', keypoint, label=i % 2, img_shape=(480, 640))
            if i < 5:
                texts.add(f'{layout}_{i}', rng.normal(size=(2, 5)), ('wave', 'sit')[i % 2])
        writer.finish()
        texts.finish()


@pytest.fixture(scope='module')
def folder(tmp_path_factory, repo):
    root = tmp_path_factory.mktemp('aligned')
    for layout in ('posetics17', 'coco17'):
        write_clips(root, layout)
    (root / 'tiny.py').write_text(CONFIG.format(repo=repo, root=root))
    return root


def train(folder, work_dir, *options):
    arguments = [str(folder / 'tiny.py'), '--work-dir', str(folder / work_dir), '--deterministic', *options]
    with restored_random_state():
        load_tool('train.py').main([*arguments, '--cfg-options', f'experiment_name={work_dir}'])
    return torch.load(folder / work_dir / 'epoch_3.pth', weights_only=True)['state_dict']


def test_a_resumed_mixture_ends_as_one_never_interrupted(folder):
    whole = train(folder, 'whole')
    resumed = train(folder, 'resumed', '--resume', str(folder / 'whole' / 'epoch_1.pth'))
    assert whole.keys() == resumed.keys()
    assert {'queue.features', 'text_queue.features', 'text_criterion.log_temperature'} <= whole.keys()
    for name, value in whole.items():
        assert torch.equal(value, resumed[name]), name
    # of 48 samples some have no text; the queue of 12 is full of those that do
    assert whole['text_queue.filled'].bool().all()
    first = torch.load(folder / 'whole' / 'epoch_1.pth', weights_only=True)['state_dict']
    assert not torch.equal(first['text_queue.features'], whole['text_queue.features'])
