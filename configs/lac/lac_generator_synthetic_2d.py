"""LAC's generator on the procedural motion library, sized for two cores.

In the 17 joints of Posetics, in which pre-training composes with it.
"""

_base_ = [
    '../_base_/models/lac_generator.py',
    '../_base_/datasets/motion_pairs_2d.py',
    '../_base_/schedules/lac_generator.py',
]
model = dict(generator=dict(layout='posetics17', dropout=0.0))
optim_wrapper = dict(
    type='AutocastOptimWrapper',
    # Adam moves every weight alike; at the full rate the basis would turn faster than the rest can follow.
    paramwise_cfg=dict(custom_keys={'decomposition.dictionary': dict(lr_mult=0.1)}),
)
# In place of the thesis's exponential decay, to be done in 30 epochs.
param_scheduler = dict(
    _delete_=True, type='CosineAnnealingLR', eta_min=1e-5, by_epoch=True, convert_to_iter_based=True
)
train_cfg = dict(max_epochs=30)
