"""UNIK on Posetics joints in 3D, from scratch (thesis 3.7.1)."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/unik.py',
    '../_base_/datasets/posetics_3d.py',
    '../_base_/schedules/step_posetics.py',
]
model = dict(backbone=dict(in_channels=3))
