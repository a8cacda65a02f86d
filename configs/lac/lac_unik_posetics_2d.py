"""LAC on Posetics joints in 2D, no labels (thesis, 4.5.1; L2 of Table 4.7)."""

_base_ = [
    '../_base_/pretrain_runtime.py',
    '../_base_/models/lac_unik.py',
    '../_base_/datasets/lac_posetics_2d.py',
    '../_base_/schedules/lac_pretrain.py',
]
