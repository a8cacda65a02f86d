"""UNIK on Penn Action joints in 2D, from scratch (thesis 3.7.1).

Learning rate and weight decay are those of the release. Raw screen coordinates, windows of 150 frames, all
frames for test.
"""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/unik.py',
    '../_base_/datasets/skeletons.py',
    '../_base_/schedules/step.py',
]
num_person = 1
train_dataloader = dict(
    batch_size=8,
    dataset=dict(
        _base_.stores.penn,
        split='train',
        pipeline=dict(
            sample=dict(type='RandomTemporalCrop', length=150),
            move=dict(type='RandomMove'),
            format=dict(num_person=num_person),
        ),
    ),
)
# all frames of every test clip, so clips differ in length
val_dataloader = dict(
    batch_size=1,
    dataset=dict(
        _base_.stores.penn,
        split='test',
        pipeline=dict(sample=dict(type='ReplayPad', length=150), format=dict(num_person=num_person)),
    ),
)
test_dataloader = val_dataloader
model = dict(backbone=dict(num_person=num_person), cls_head=dict(num_classes=15))
optim_wrapper = dict(optimizer=dict(lr=0.05, weight_decay=5e-4))
param_scheduler = dict(milestones=[10, 20])
train_cfg = dict(max_epochs=30)
auto_scale_lr = dict(base_batch_size=8)
