"""The baseline of T-MOR's zero-shot folds: the same network on the same clips with one-hot labels.

A config that inherits it lists the data sets with the union of their classes, and its number, and tests on
clips of the seen classes.
"""

_base_ = ['../datasets/tmor_mixture_2d.py', '../default_runtime.py', '../schedules/adamw_pretrain_small.py']

__labels = dict(sample=dict(num_clips=1), text=dict(), pack=dict(meta_keys=('frame_dir', 'sample_idx')))
motions = dict(pipeline=__labels)
penn = dict(pipeline=__labels)
utd_mhad = dict(pipeline=__labels)
kard = dict(pipeline=__labels)
utkinect = dict(pipeline=__labels)
__tested = dict(
    sample=dict(type='UniformTemporalSample', length=64, short='stretch', jitter=False),
    text=dict(),
    pack=dict(type='PackSkeletonInputs'),
)
penn_test = {
    **_base_.penn,
    'split': 'test',
    'test_mode': True,
    'pipeline': {**_base_.penn.pipeline, **__tested},
}
utd_mhad_test = {
    **_base_.utd_mhad,
    'split': 'xsub_test',
    'test_mode': True,
    'pipeline': {
        **_base_.utd_mhad.pipeline,
        'project': dict(type='ProjectToCamera', cameras=[dict(yaw=0.0, pitch=5.0, distance=3.0)]),
        **__tested,
    },
}

model = dict(
    type='RecognizerGCN',
    backbone=dict(
        type='UNIK',
        in_channels=2,
        num_joints=17,
        num_person=1,
        channels=(16, 16, 16, 16, 32, 32, 32, 64, 64, 64),
        strides=(2, 1, 1, 1, 2, 1, 1, 2, 1, 1),
    ),
    cls_head=dict(type='GCNHead', in_channels=64, dropout=0.1, label_smooth_eps=0.1),
)
train_dataloader = dict(
    batch_size=32,
    num_workers=1,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(type='MixtureSampler', shares=(), samples=3200),
    dataset=dict(type='ConcatDataset', ignore_keys=['source', 'layout'], datasets=[]),
)
test_dataloader = dict(
    batch_size=64, num_workers=0, sampler=dict(type='DefaultSampler', shuffle=False), dataset=dict()
)
val_dataloader = test_dataloader
custom_hooks = []
train_cfg = dict(max_epochs=8, val_interval=8)
default_hooks = dict(checkpoint=dict(interval=8, save_best=None))
