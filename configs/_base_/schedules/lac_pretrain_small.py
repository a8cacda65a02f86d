"""Pre-training sized for two cores: 20 epochs, warm-up, bfloat16."""

_base_ = './lac_pretrain.py'

optim_wrapper = dict(type='AutocastOptimWrapper', optimizer=dict(lr=0.05))
warmup = dict(_base_.warmup, share=0.5, at_most=100)
param_scheduler = [warmup, _base_.cosine]
train_cfg = dict(max_epochs=20)
auto_scale_lr = dict(base_batch_size=32)
