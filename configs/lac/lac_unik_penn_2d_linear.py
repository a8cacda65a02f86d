"""Linear evaluation on Penn Action after LAC; ``--cfg-options load_from=None`` takes a random encoder."""

_base_ = ['../unik/unik_penn_2d_small.py', '../_overlays_/linear.py']

model = dict(cls_head=dict(type='LinearEvaluationHead', dropout=0.0, label_smooth_eps=0.0))
optim_wrapper = dict(optimizer=dict(weight_decay=0.0))
train_dataloader = dict(batch_size=64)
param_scheduler = [dict(_base_.warmup, share=0.4), _base_.cosine]
