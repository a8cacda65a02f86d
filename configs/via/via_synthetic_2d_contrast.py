"""ViA as contrast on procedural motions (thesis 4.4): LAC without composition, at sequence level."""

_base_ = '../lac/lac_unik_synthetic_2d.py'

model = dict(composer=dict(num_motions=1), frame_neck=None)
