"""LAC on Posetics joints in 2D, windows of 150 frames, no labels (thesis, 4.5.1; L2 of Table 4.7).

Three motions: ``--cfg-options model.composer.num_motions=3``.
"""

_base_ = [
    '../_base_/datasets/pretraining_posetics_2d.py',
    '../_base_/models/lac_unik.py',
    '../_base_/schedules/lac_pretrain.py',
]
