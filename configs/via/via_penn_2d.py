"""ViA on Penn Action without labels, after ``via_library_2d_small.py`` (L4 of Table 4.14)."""

_base_ = [
    '../_base_/datasets/pretraining_penn_2d.py',
    '../_base_/models/via_small.py',
    '../_base_/schedules/via_pretrain_small.py',
]
model = dict(type='ViA')
needs_weights = 'ViA'
pretrained = 'checkpoints/via_library_2d_small.pth'
