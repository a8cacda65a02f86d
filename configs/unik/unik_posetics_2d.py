"""UNIK on Posetics joints in 2D, from scratch (thesis 3.7.1).

Screen coordinates, windows of 150 frames for training, all frames (at most 300) for test.
"""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/unik.py',
    '../_base_/datasets/skeletons.py',
    '../_base_/schedules/step.py',
]
__normalize = dict(type='ScreenNormalize')
train_dataloader = dict(
    batch_size=64,
    dataset=dict(
        _base_.stores.posetics,
        split='train',
        pipeline=dict(
            normalize=__normalize,
            sample=dict(type='RandomTemporalCrop', length=150),
            move=dict(type='RandomMove'),
        ),
    ),
)
val_dataloader = dict(
    batch_size=64,
    dataset=dict(
        _base_.stores.posetics,
        split='val',
        pipeline=dict(normalize=__normalize, sample=dict(type='ReplayPad', length=300)),
    ),
)
test_dataloader = val_dataloader

param_scheduler = dict(milestones=[45, 55])
train_cfg = dict(max_epochs=65)
auto_scale_lr = dict(base_batch_size=64)
