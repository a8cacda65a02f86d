"""UNIK on Northwestern-UCLA's 3D skeletons, trained on sensors 1 and 2, see ``unik_nw-ucla-xview_2d.py``."""

_base_ = '../_base_/recipes/cross_view_3d.py'

layout = 'kinect20'
model = dict(backbone=dict(num_joints=20), cls_head=dict(num_classes=10))
train_dataloader = dict(
    dataset=dict(_base_.stores.nw_ucla, split='xview_train', pipeline=dict(mirror=dict(type='RandomMirror')))
)
val_dataloader = dict(dataset=dict(_base_.stores.nw_ucla, split='xview_test_distinct'))
test_dataloader = val_dataloader
train_cfg = dict(max_epochs=10, val_interval=10)
