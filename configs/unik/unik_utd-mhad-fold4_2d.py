"""UNIK with one-hot labels on what T-MOR sees in fold 4 of UTD-MHAD: its baseline."""

_base_ = '../_base_/recipes/one_hot_zero_shot_2d.py'

__labels = dict(label_classes='procedural + utd_mhad/seen 4 + kard/utd_mhad 4 + utkinect/utd_mhad 4')
model = dict(cls_head=dict(num_classes=74))
train_dataloader = dict(
    sampler=dict(shares=(0.4, 0.3, 0.2, 0.1)),
    dataset=dict(
        datasets=[
            dict(_base_.motions, classes='procedural', **__labels),
            dict(_base_.utd_mhad, classes='utd_mhad/seen 4', **__labels),
            dict(_base_.kard, classes='kard/utd_mhad 4', **__labels),
            dict(_base_.utkinect, classes='utkinect/utd_mhad 4', **__labels),
        ]
    ),
)
test_dataloader = dict(
    dataset=dict(_base_.utd_mhad_test, split='xsub_train', classes='utd_mhad/seen 4', **__labels)
)
val_dataloader = test_dataloader
