"""LAC's generator, which also has to bring the root where it goes: a loss of the path beside its velocity."""

_base_ = './lac_generator_synthetic_2d.py'
model = dict(path_weight=1.0)
