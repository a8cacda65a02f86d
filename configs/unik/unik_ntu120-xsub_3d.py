"""UNIK on NTU RGB+D 120, cross-subject, joints in 3D, from scratch (thesis 3.7.1)."""

_base_ = './unik_ntu60-xsub_3d.py'

train_dataloader = dict(dataset=_base_.stores.ntu120)
val_dataloader = dict(dataset=_base_.stores.ntu120)
test_dataloader = val_dataloader
model = dict(cls_head=dict(num_classes=120))
param_scheduler = dict(milestones=[30, 50])
train_cfg = dict(max_epochs=60)
