"""LAC on Posetics joints in 3D, no labels: for data sets in 3D, as PKU-MMD (thesis, 4.5.1)."""

_base_ = [
    '../_base_/pretrain_runtime.py',
    '../_base_/models/lac_unik_3d.py',
    '../_base_/datasets/lac_posetics_3d.py',
    '../_base_/schedules/lac_pretrain.py',
]
