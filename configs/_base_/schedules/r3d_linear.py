"""Training a linear classifier on frozen features of R3D-50: 60 epochs, 8 of them warm-up, no weight decay.

Lengths are those of the reference settings for Kinetics-400; the rate, there 0.5, is for standardized
features.
"""

_base_ = './r3d.py'

optim_wrapper = dict(optimizer=dict(lr=0.1, weight_decay=0.0))
param_scheduler = [dict(_base_.warmup, share=8 / 60), _base_.cosine]
train_cfg = dict(max_epochs=60)
