"""The two-encoder form with the loss of the root's path."""

_base_ = './lac_generator_synthetic_2d_two-encoders.py'
model = dict(path_weight=1.0)
