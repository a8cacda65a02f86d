"""Contrast of videos sized for two cores: 60 epochs, batches of 16, bfloat16."""

_base_ = './lac_pretrain_small.py'

train_cfg = dict(max_epochs=60)
auto_scale_lr = dict(base_batch_size=16)
