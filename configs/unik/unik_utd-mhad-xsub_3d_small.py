"""UNIK on UTD-MHAD in 3D, with the encoder, joints and axes of the pre-training without labels."""

_base_ = '../_base_/recipes/own_skeletons_3d.py'

layout = 'posetics17'
num_person = 1
model = dict(
    backbone=dict(num_joints=17, num_person=1, base_channels=32),
    cls_head=dict(num_classes=27, in_channels=128, dropout=0.1),
)
__pipeline = dict(
    project=dict(type='ProjectToCamera', cameras=[dict(yaw=0.0)], dims=3),
    fill=dict(type='FillMissingJoints'),
    layout=dict(type='MapLayout', target='posetics17'),
    sample=dict(length=64),
    format=dict(num_person=1),
)
train_dataloader = dict(
    dataset=dict(
        _base_.stores.utd_mhad,
        split='xsub_train',
        pipeline=dict(__pipeline, mirror=dict(_delete_=True)),
    )
)
val_dataloader = dict(dataset=dict(_base_.stores.utd_mhad, split='xsub_test', pipeline=__pipeline))
test_dataloader = val_dataloader
pretrained = 'checkpoints/lac_unik_utd-mhad_3d.pth'
