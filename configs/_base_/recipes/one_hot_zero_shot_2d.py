"""The baseline of T-MOR's zero-shot folds: the same network on the same clips with one-hot labels.

A config that inherits it lists the data sets with the union of their classes, and its number.
"""

_base_ = ['../datasets/tmor_mixture_2d.py', '../default_runtime.py', '../schedules/lac_pretrain_small.py']

__labels = dict(sample=dict(num_clips=1), text=dict(), pack=dict(meta_keys=('frame_dir', 'sample_idx')))
motions = dict(pipeline=__labels)
penn = dict(pipeline=__labels)
utd_mhad = dict(pipeline=__labels)
kard = dict(pipeline=__labels)
utkinect = dict(pipeline=__labels)

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
    dataset=dict(type='ConcatDataset', ignore_keys=['source'], datasets=[]),
)
custom_hooks = []
val_cfg = val_dataloader = val_evaluator = None
test_cfg = test_dataloader = test_evaluator = None
train_cfg = dict(max_epochs=8)
default_hooks = dict(checkpoint=dict(interval=8, save_best=None))
