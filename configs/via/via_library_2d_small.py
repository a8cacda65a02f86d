"""ViA with the crossed ground truth of the motion library, sized for two cores: half the width, 30 epochs."""

_base_ = [
    '../_base_/models/via_small.py',
    '../_base_/datasets/motion_windows_2d.py',
    '../_base_/schedules/generator_cosine.py',
]
model = dict(data_preprocessor=_base_.pairs)
