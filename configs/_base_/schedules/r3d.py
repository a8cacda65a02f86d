"""Training R3D-50 with labels from scratch: SGD 0.1, warm-up, half a cosine over 200 epochs, bfloat16.

The thesis does not say how it trains from scratch (Table 5.5); these are the usual settings of the network.
"""

optim_wrapper = dict(
    type='AutocastOptimWrapper',
    optimizer=dict(type='SGD', lr=0.1, momentum=0.9, weight_decay=1e-4),
)
warmup = dict(type='WarmUpLR', share=35 / 200, at_most=None, start_factor=0.01, by_epoch=False)
cosine = dict(type='CosineAnnealingLR', eta_min=0, by_epoch=True, begin=0, convert_to_iter_based=True)
param_scheduler = [warmup, cosine]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=200, val_interval=20)
auto_scale_lr = dict(enable=False, base_batch_size=64)
