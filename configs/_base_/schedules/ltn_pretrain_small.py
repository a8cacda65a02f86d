"""Contrast of videos sized for two cores: AdamW, 200 epochs, batches of 32, bfloat16."""

_base_ = './adamw_pretrain_small.py'

optim_wrapper = dict(optimizer=dict(lr=5e-4))
train_cfg = dict(max_epochs=200)
auto_scale_lr = dict(base_batch_size=32)
