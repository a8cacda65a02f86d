"""SGD with step decay (thesis 3.7.1), with the values for Toyota Smarthome; other data sets override them."""

optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=0.1, momentum=0.9, nesterov=True, weight_decay=1e-4),
)
param_scheduler = dict(type='MultiStepLR', by_epoch=True, milestones=[30, 40], gamma=0.1)
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=50, val_interval=5)
auto_scale_lr = dict(enable=False, base_batch_size=16)
