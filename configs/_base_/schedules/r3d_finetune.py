"""Fine-tuning R3D-50 in the reference settings for UCF101: SGD 0.005, no warm-up, 200 epochs."""

_base_ = './r3d.py'

optim_wrapper = dict(optimizer=dict(lr=0.005))
param_scheduler = [_base_.cosine]
