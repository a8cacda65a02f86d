"""ViA on UTD-MHAD's training subjects in 3D without labels, after ``via_library_3d_small.py``."""

_base_ = [
    '../_base_/datasets/pretraining_utd-mhad_3d.py',
    '../_base_/models/via_small.py',
    '../_base_/schedules/via_pretrain_small.py',
]
model = dict(type='ViA', generator=dict(in_channels=3, backbone=dict(in_channels=3)))
train_cfg = dict(max_epochs=60)  # of 13 steps
needs_weights = 'ViA'
pretrained = 'checkpoints/via_library_3d_small.pth'
