"""LAC's generator for estimated poses: cameras all round, above and tilted, and noise on what is encoded."""

_base_ = './lac_generator_synthetic_2d.py'

cameras = dict(views=tuple(range(-180, 180, 15)), pitch=(-20.0, 40.0), roll=(-30.0, 30.0))
train_dataloader = dict(dataset=dict(noise=(0.0, 4.0), **cameras))
val_dataloader = dict(dataset=cameras)
test_dataloader = val_dataloader
