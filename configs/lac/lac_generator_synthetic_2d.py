"""LAC's generator on the procedural motion library, sized for two cores.

In the 17 joints of Posetics, in which pre-training composes with it.
"""

_base_ = [
    '../_base_/models/lac_generator.py',
    '../_base_/datasets/motion_pairs_synthetic_2d.py',
    '../_base_/schedules/lac_generator.py',
]
max_epochs = 30
model = dict(generator=dict(layout='posetics17', dropout=0.0))
# Batches of 16 learn better at half the thesis's rate, which is for 64.
optim_wrapper = dict(type='AutocastOptimWrapper', optimizer=dict(lr=5e-4))
# Half a cosine gives in 30 epochs a lower error than the thesis's exponential decay in 50.
param_scheduler = [
    dict(
        type='CosineAnnealingLR',
        T_max=max_epochs,
        end=max_epochs,
        eta_min=5e-6,
        by_epoch=True,
        convert_to_iter_based=True,
    )
]
train_cfg = dict(max_epochs=max_epochs, val_interval=10)
default_hooks = dict(checkpoint=dict(interval=10))
