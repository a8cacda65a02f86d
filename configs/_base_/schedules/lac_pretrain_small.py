"""Pre-training on two cores: 40 epochs, warm-up, bfloat16."""

_base_ = './lac_pretrain.py'

max_epochs = 40
optim_wrapper = dict(type='AutocastOptimWrapper', optimizer=dict(lr=0.05))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, by_epoch=False, begin=0, end=100),
    dict(
        type='CosineAnnealingLR',
        T_max=max_epochs,
        eta_min=0,
        by_epoch=True,
        begin=0,
        end=max_epochs,
        convert_to_iter_based=True,
    ),
]
train_cfg = dict(max_epochs=max_epochs)
auto_scale_lr = dict(base_batch_size=32)
