"""LAC on Posetics without the frame loss (L1 of Table 4.7).

Three motions: ``--cfg-options model.composer.num_motions=3``.
"""

_base_ = './lac_unik_posetics_2d.py'

model = dict(frame_neck=None)
