"""The two-encoder form of MotionRetargeting2D on the procedural motion library."""

_base_ = './lac_generator_synthetic_2d.py'
model = dict(
    generator=dict(
        _delete_=True,
        type='TwoEncoderAutoencoder',
        layout='posetics17',
        in_channels=2,
        num_motion=128,
        num_static=32,
        dropout=0.0,
    )
)
