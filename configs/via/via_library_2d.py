"""ViA with the crossed ground truth of the motion library ("Sup." of Table 4.13, L0 of Table 4.14).

K: ``--cfg-options model.generator.num_static=64``; without D_c: ``model.generator.learnable=False``.
"""

_base_ = [
    '../_base_/models/via.py',
    '../_base_/datasets/motion_windows_2d.py',
    '../_base_/schedules/lac_generator.py',
]
model = dict(data_preprocessor=_base_.pairs)
train_dataloader = dict(batch_size=128)  # 64 pairs
