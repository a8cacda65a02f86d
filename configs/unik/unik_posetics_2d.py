"""UNIK on Posetics joints in 2D, from scratch (thesis 3.7.1)."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/unik.py',
    '../_base_/datasets/posetics_2d.py',
    '../_base_/schedules/step_posetics.py',
]
