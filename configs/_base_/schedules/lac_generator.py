"""Adam, 1e-3, decayed by 0.99 per epoch, 300 epochs; with its runtime."""

_base_ = '../default_runtime.py'

optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='Adam', lr=1e-3))
param_scheduler = dict(type='ExponentialLR', gamma=0.99, by_epoch=True)
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=300, val_interval=10)

default_hooks = dict(
    checkpoint=dict(
        type='CheckpointHook', interval=10, save_best='retargeting/mse', rule='less', max_keep_ckpts=3
    ),
    statistics=dict(type='MotionStatisticsHook'),
)
val_evaluator = dict(type='RetargetingMetric')
test_evaluator = val_evaluator
