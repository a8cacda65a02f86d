"""LAC on Penn Action without labels, small enough for two cores."""

_base_ = [
    '../_base_/pretrain_runtime.py',
    '../_base_/models/lac_unik_small.py',
    '../_base_/datasets/lac_penn_2d.py',
    '../_base_/schedules/lac_pretrain_small.py',
]
