"""UNIK on Toyota Smarthome, cross-subject, 31 classes, joints in 2D, from scratch (thesis 3.7.1).

Screen coordinates, windows of 400 frames, all frames for test.
"""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/unik.py',
    '../_base_/datasets/skeletons.py',
    '../_base_/schedules/step.py',
]
__normalize = dict(type='ScreenNormalize')
train_dataloader = dict(
    batch_size=16,
    dataset=dict(
        _base_.stores.smarthome,
        split='cs_train',
        pipeline=dict(normalize=__normalize, sample=dict(type='RandomTemporalCrop', length=400)),
    ),
)
# all frames of every test clip, so clips differ in length
val_dataloader = dict(
    batch_size=1,
    dataset=dict(
        _base_.stores.smarthome,
        split='cs_test',
        pipeline=dict(normalize=__normalize, sample=dict(type='ReplayPad', length=400)),
    ),
)
test_dataloader = val_dataloader
model = dict(cls_head=dict(num_classes=31))
pretrained = 'checkpoints/unik_posetics_2d.pth'
