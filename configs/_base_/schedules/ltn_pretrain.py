"""Contrast of videos as in the reference settings: that of skeletons, without weight decay of batch norms."""

_base_ = './lac_pretrain.py'

optim_wrapper = dict(type='AutocastOptimWrapper', paramwise_cfg=dict(norm_decay_mult=0.0))
