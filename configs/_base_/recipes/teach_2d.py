"""The recipe of ``tools/teach.py``: that of one's own skeletons, with the network of the shipped encoders.

Two persons of a clip have no order: training draws one, the test averages both.
Missing joints are filled in, as in the training of the shipped encoders. Clips have 32 frames, half as many
as in that recipe, which takes half the time.
"""

_base_ = './own_skeletons_2d.py'

model = dict(
    backbone=dict(base_channels=32, strides=(1, 1, 1, 1, 2, 1, 1, 2, 1, 1)),
    cls_head=dict(in_channels=128),
)
train_dataloader = dict(
    num_workers=0,
    persistent_workers=False,
    dataset=dict(
        pipeline=dict(
            fill=dict(type='FillMissingJoints'), sample=dict(length=32), persons=dict(type='ShufflePersons')
        )
    ),
)
val_dataloader = dict(
    num_workers=0,
    persistent_workers=False,
    dataset=dict(
        pipeline=dict(
            fill=dict(type='FillMissingJoints'), sample=dict(length=32), persons=dict(type='EveryPersonOrder')
        )
    ),
)
test_dataloader = val_dataloader
default_hooks = dict(logger=dict(type='LoggerHook', interval=50, ignore_last=False))
