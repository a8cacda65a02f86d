"""Contrast of videos sized for two cores: AdamW, 200 epochs, batches of 32, bfloat16."""

_base_ = './lac_pretrain_small.py'

optim_wrapper = dict(optimizer=dict(_delete_=True, type='AdamW', lr=5e-4, weight_decay=0.05))
train_cfg = dict(max_epochs=200)
auto_scale_lr = dict(base_batch_size=32)
