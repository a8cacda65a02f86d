"""LAC's generator on the procedural motion library, sized for two cores.

In the 17 joints of Posetics, in which pre-training composes with it.
"""

_base_ = [
    '../_base_/models/lac_generator.py',
    '../_base_/datasets/motion_pairs_synthetic_2d.py',
    '../_base_/schedules/lac_generator.py',
]
max_epochs = 40
model = dict(generator=dict(layout='posetics17'))
train_dataloader = dict(batch_size=64)
# The thesis's decay, within these epochs.
param_scheduler = [dict(type='ExponentialLR', gamma=0.93, by_epoch=True)]
train_cfg = dict(max_epochs=max_epochs, val_interval=5)
default_hooks = dict(checkpoint=dict(interval=5))
