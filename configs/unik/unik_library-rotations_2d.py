"""UNIK on actions of the motion library, seen from one random side in training and from another in the test.

Every motion is turned by two random 3D rotations (thesis, 4.6.5, "Mixamo CV"); the image is a parallel
projection.
"""

_base_ = '../_base_/recipes/cross_view_2d.py'

model = dict(cls_head=dict(num_classes=60))
__pipeline = dict(project=dict(type='ProjectToCamera', cameras=[dict()], axes='library'))
train_dataloader = dict(dataset=dict(_base_.stores.library, split='rotations_train', pipeline=__pipeline))
val_dataloader = dict(dataset=dict(_base_.stores.library, split='rotations_test', pipeline=__pipeline))
test_dataloader = val_dataloader
train_cfg = dict(max_epochs=12, val_interval=12)
