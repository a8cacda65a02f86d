"""UNIK on UT-Interaction, two persons estimated in the videos: set 1 trains, set 2 tests.

A quarter of the width, 32 frames: the encoder of ``tmor_ut-interaction_2d.py``.
"""

_base_ = ['../_base_/recipes/teach_2d.py', '../_base_/datasets/ut-interaction_2d.py']

model = dict(
    backbone=dict(
        num_joints=17,
        num_person=2,
        base_channels=16,
        strides=(2, 1, 1, 1, 2, 1, 1, 2, 1, 1),
    ),
    cls_head=dict(in_channels=64, num_classes=6),
)
train_dataloader = dict(dataset=dict(_base_.ut_interaction, split='set1'))
val_dataloader = dict(dataset=dict(_base_.ut_interaction, split='set2'))
test_dataloader = val_dataloader
# the test split chooses nothing: it is measured once, after the last epoch
train_cfg = dict(max_epochs=150, val_interval=150)
