"""Pre-training as in the thesis (4.5.1): SGD 0.1, half a cosine over 200 epochs, encoder momentum up to 1.

The rate rises over the first 35 epochs, as in the reference settings of contrastive pre-training. In a
run of another length it is the same share.
"""

optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=0.1, momentum=0.9, weight_decay=1e-4),
)
warmup = dict(type='WarmUpLR', share=35 / 200, at_most=None, start_factor=0.01, by_epoch=False)
cosine = dict(type='CosineAnnealingLR', eta_min=0, by_epoch=True, begin=0, convert_to_iter_based=True)
param_scheduler = [warmup, cosine]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=200)
auto_scale_lr = dict(enable=False, base_batch_size=64)
custom_hooks = [dict(type='MomentumScheduleHook')]
