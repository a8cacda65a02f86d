"""Training with labels sized for two cores: AdamW, warm-up, half a cosine over 60 epochs, bfloat16."""

_base_ = './r3d.py'

optim_wrapper = dict(optimizer=dict(_delete_=True, type='AdamW', lr=1e-3, weight_decay=0.05))
param_scheduler = [dict(_base_.warmup, share=0.1, at_most=100), _base_.cosine]
# the test split chooses nothing: it is measured once, after the last epoch
train_cfg = dict(max_epochs=60, val_interval=60)
auto_scale_lr = dict(base_batch_size=16)
