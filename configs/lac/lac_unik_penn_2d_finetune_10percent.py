"""Fine-tuning on Penn Action with 10 % of the labels; from scratch: ``--cfg-options load_from=None``."""

_base_ = ['./lac_unik_penn_2d_finetune.py', '../_overlays_/10percent.py']

param_scheduler = [dict(_base_.warmup, at_most=100), _base_.cosine]
train_cfg = dict(max_epochs=150, val_interval=30)
default_hooks = dict(checkpoint=dict(interval=30))
