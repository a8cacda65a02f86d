"""The recommended schedule: SGD, warm-up, cosine, bfloat16.

Another length, in a config that inherits this one: ``train_cfg = dict(max_epochs=8)`` and
``param_scheduler = [_base_.warmup, dict(_base_.cosine, T_max=8, end=8)]``.
"""

optim_wrapper = dict(
    type='AutocastOptimWrapper',
    optimizer=dict(type='SGD', lr=0.05, momentum=0.9, nesterov=True, weight_decay=1e-3),
)
warmup = dict(type='LinearLR', start_factor=0.01, by_epoch=False, begin=0, end=200)
cosine = dict(
    type='CosineAnnealingLR', T_max=30, eta_min=0, by_epoch=True, begin=0, end=30, convert_to_iter_based=True
)
param_scheduler = [warmup, cosine]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=30, val_interval=5)
auto_scale_lr = dict(enable=False, base_batch_size=16)
