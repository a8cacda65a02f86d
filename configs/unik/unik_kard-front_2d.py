"""UNIK on KARD, cross-subject, seen by one camera before the person: the clips of T-MOR's tests."""

_base_ = '../_base_/recipes/cross_view_2d.py'

model = dict(cls_head=dict(num_classes=18))
__pipeline = dict(project=dict(type='ProjectToCamera', cameras=[dict(yaw=0.0, pitch=5.0, distance=3.0)]))
train_dataloader = dict(dataset=dict(_base_.stores.kard, split='xsub_train', pipeline=__pipeline))
val_dataloader = dict(dataset=dict(_base_.stores.kard, split='xsub_test', pipeline=__pipeline))
test_dataloader = val_dataloader
