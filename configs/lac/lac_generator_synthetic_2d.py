"""LAC's generator on the procedural motion library, sized for two cores.

In the 17 joints of Posetics, in which pre-training composes with it.
"""

_base_ = [
    '../_base_/models/lac_generator.py',
    '../_base_/datasets/motion_pairs_synthetic_2d.py',
    '../_base_/schedules/lac_generator.py',
]
max_epochs = 20
model = dict(generator=dict(layout='posetics17'))
train_dataloader = dict(batch_size=64)
# Adam moves every weight alike; at the full rate the basis would turn faster than the rest can follow.
optim_wrapper = dict(paramwise_cfg=dict(custom_keys={'decomposition.dictionary': dict(lr_mult=0.1)}))
# The thesis's decay, within these epochs.
param_scheduler = [dict(type='ExponentialLR', gamma=0.87, by_epoch=True)]
train_cfg = dict(max_epochs=max_epochs, val_interval=5)
default_hooks = dict(checkpoint=dict(interval=5))
