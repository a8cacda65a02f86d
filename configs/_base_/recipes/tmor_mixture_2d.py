"""T-MOR on a mixture of skeletons with texts, without video: L_mm + L_mt, sized for two cores.

A config that inherits it lists the data sets and their shares.
"""

_base_ = [
    '../datasets/tmor_mixture_2d.py',
    '../models/tmor_unik_small.py',
    '../schedules/adamw_pretrain_small.py',
    '../pretrain_runtime.py',
]
model = dict(
    video_teacher=None,
    video_neck=None,
    video_loss=None,
    # no mirroring: texts name sides
    augmentation=dict(jitter=0.01),
)
train_dataloader = dict(
    batch_size=32,
    num_workers=1,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(type='MixtureSampler', shares=(), samples=3200),
    dataset=dict(type='ConcatDataset', ignore_keys=['classes', 'layout', 'source'], datasets=[]),
)
default_hooks = dict(checkpoint=dict(interval=5))
