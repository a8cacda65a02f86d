"""R3D-50 on HMDB51 from scratch."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/videos_hmdb51.py',
    '../_base_/models/r3d50.py',
    '../_base_/schedules/r3d.py',
]
