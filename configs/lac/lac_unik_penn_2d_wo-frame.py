"""LAC on Penn Action without the frame loss (L1 of Table 4.7)."""

_base_ = './lac_unik_penn_2d.py'

model = dict(frame_neck=None)
