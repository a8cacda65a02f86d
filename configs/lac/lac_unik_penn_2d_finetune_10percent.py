"""Fine-tuning on Penn Action with 10 % of the labels; ``--cfg-options load_from=None`` is from scratch."""

_base_ = './lac_unik_penn_2d_finetune.py'

param_scheduler = [dict(_base_.warmup, end=100), dict(_base_.cosine, T_max=150, end=150)]
train_cfg = dict(max_epochs=150, val_interval=30)
train_dataloader = dict(dataset=dict(labelled_fraction=0.1))
default_hooks = dict(checkpoint=dict(interval=30))
