"""Pre-training as in the thesis (4.5.1): SGD 0.1, half a cosine over 200 epochs, encoder momentum up to 1."""

optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=0.1, momentum=0.9, weight_decay=1e-4),
)
cosine = dict(type='CosineAnnealingLR', eta_min=0, by_epoch=True, begin=0, convert_to_iter_based=True)
param_scheduler = [cosine]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=200)
auto_scale_lr = dict(enable=False, base_batch_size=64)
custom_hooks = [dict(type='MomentumScheduleHook')]
