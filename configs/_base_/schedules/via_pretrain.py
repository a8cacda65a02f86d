"""ViA without labels as in the thesis (4.6.1): 5e-4 for 300 epochs. That it is Adam is our choice."""

optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='Adam', lr=5e-4))
param_scheduler = []
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=300)
auto_scale_lr = dict(enable=False, base_batch_size=64)
# for a training from scratch; after the library, the generator has statistics
custom_hooks = [dict(type='MotionStatisticsHook')]
