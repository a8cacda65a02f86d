"""ViA without labels as in the thesis (4.6.1): 5e-4 for 300 epochs. That it is Adam is our choice."""

optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='Adam', lr=5e-4))
param_scheduler = []
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=300)
auto_scale_lr = dict(enable=False, base_batch_size=64)
# only for a training from scratch: others have those of the library
default_hooks = dict(statistics=dict(type='MotionStatisticsHook'))
custom_hooks = []
