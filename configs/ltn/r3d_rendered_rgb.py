"""Rendered videos with labels, sized for two cores."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/videos_rendered.py',
    '../_base_/models/r3d18_small.py',
    '../_base_/schedules/r3d_small.py',
]
