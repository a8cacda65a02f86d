"""Generators sized for two cores: Adam, 1e-3, half a cosine, bfloat16."""

_base_ = './lac_generator.py'

optim_wrapper = dict(
    type='AutocastOptimWrapper',
    # Adam takes equal steps for all weights: at the full rate the basis would turn faster than the rest.
    paramwise_cfg=dict(custom_keys=dict(dictionary=dict(lr_mult=0.1))),
    clip_grad=dict(max_norm=5.0),
)
param_scheduler = dict(
    _delete_=True, type='CosineAnnealingLR', eta_min=1e-5, by_epoch=True, convert_to_iter_based=True
)
train_cfg = dict(max_epochs=30)
