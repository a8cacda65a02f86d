"""SGD with step decay: Penn Action (thesis 3.7.1, learning rate and weight decay of the release)."""

optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=0.05, momentum=0.9, nesterov=True, weight_decay=5e-4),
)
param_scheduler = [dict(type='MultiStepLR', by_epoch=True, milestones=[10, 20], gamma=0.1)]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=30, val_interval=5)
auto_scale_lr = dict(enable=False, base_batch_size=8)
