"""The recommended schedule: SGD, warm-up, cosine, bfloat16. ``train_cfg.max_epochs`` sets its length."""

optim_wrapper = dict(
    type='AutocastOptimWrapper',
    optimizer=dict(type='SGD', lr=0.05, momentum=0.9, nesterov=True, weight_decay=1e-3),
)
# a tenth of the run, 200 iterations at most
warmup = dict(type='WarmUpLR', by_epoch=False)
cosine = dict(type='CosineAnnealingLR', eta_min=0, by_epoch=True, begin=0, convert_to_iter_based=True)
param_scheduler = [warmup, cosine]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=30, val_interval=5)
auto_scale_lr = dict(enable=False, base_batch_size=16)
