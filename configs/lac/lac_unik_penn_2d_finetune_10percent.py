"""Fine-tuning on Penn Action with 10 % of the labels; ``--cfg-options load_from=None`` is from scratch."""

_base_ = './lac_unik_penn_2d_finetune.py'

max_epochs = 150
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
train_cfg = dict(max_epochs=max_epochs, val_interval=30)
train_dataloader = dict(dataset=dict(labelled_fraction=0.1))
default_hooks = dict(checkpoint=dict(interval=30))
