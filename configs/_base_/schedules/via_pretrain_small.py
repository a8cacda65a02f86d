"""ViA without labels sized for two cores: 20 epochs, half a cosine, bfloat16."""

_base_ = './via_pretrain.py'

optim_wrapper = dict(
    type='AutocastOptimWrapper',
    # Adam takes equal steps for all weights: at the full rate the basis would turn faster than the rest.
    paramwise_cfg=dict(custom_keys=dict(dictionary=dict(lr_mult=0.1))),
    clip_grad=dict(max_norm=5.0),
)
param_scheduler = [dict(type='CosineAnnealingLR', eta_min=0, by_epoch=True, convert_to_iter_based=True)]
train_cfg = dict(max_epochs=20)
auto_scale_lr = dict(base_batch_size=32)
