"""UNIK on Penn Action with 5 % of the training labels, from scratch: ten times the epochs."""

_base_ = './unik_penn_2d_recommended.py'

max_epochs = 300
param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, by_epoch=False, begin=0, end=200),
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
train_dataloader = dict(dataset=dict(labelled_fraction=0.05))
