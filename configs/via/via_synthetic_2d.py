"""ViA on procedural motions without labels, after ``via_library_2d_small.py``."""

_base_ = [
    '../_base_/datasets/pretraining_synthetic_2d.py',
    '../_base_/models/via_small.py',
    '../_base_/schedules/via_pretrain_small.py',
]
model = dict(type='ViA')
train_cfg = dict(max_epochs=4)
needs_weights = 'ViA'
pretrained = 'checkpoints/via_library_2d_small.pth'
