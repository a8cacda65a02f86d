"""The generator that pre-training on Posetics, Penn Action and procedural clips composes with: 17 joints."""

_base_ = './lac_generator_synthetic_2d.py'

model = dict(generator=dict(layout='posetics17'))
train_dataloader = dict(dataset=dict(layout='posetics17'))
val_dataloader = dict(dataset=dict(layout='posetics17'))
test_dataloader = dict(dataset=dict(layout='posetics17'))
