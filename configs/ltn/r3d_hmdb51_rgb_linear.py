"""A linear classifier on frozen features for HMDB51 (Table 5.7): ``--load-from`` a pre-training."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/videos_hmdb51.py',
    '../_base_/models/r3d50.py',
    '../_base_/schedules/r3d_linear.py',
    '../_overlays_/linear.py',
]
