"""R3D-50 on Kinetics-400 from scratch."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/videos_kinetics400.py',
    '../_base_/models/r3d50.py',
    '../_base_/schedules/r3d.py',
]
