"""LAC's generator on the procedural motion library, sized for two cores.

It uses the 17 joints of Posetics, as the pre-training that composes with it does.
"""

_base_ = [
    '../_base_/models/lac_generator.py',
    '../_base_/datasets/motion_pairs_2d.py',
    '../_base_/schedules/lac_generator.py',
]
model = dict(generator=dict(layout='posetics17', dropout=0.0))
optim_wrapper = dict(
    type='AutocastOptimWrapper',
    # Adam takes equal steps for all weights: at the full rate the basis would turn faster than the rest.
    paramwise_cfg=dict(custom_keys={'decomposition.dictionary': dict(lr_mult=0.1)}),
)
# Instead of the thesis's exponential decay, to finish in 30 epochs.
param_scheduler = dict(
    _delete_=True, type='CosineAnnealingLR', eta_min=1e-5, by_epoch=True, convert_to_iter_based=True
)
train_cfg = dict(max_epochs=30)
