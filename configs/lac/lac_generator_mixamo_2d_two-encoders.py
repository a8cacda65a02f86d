"""The two-encoder form of MotionRetargeting2D on Mixamo: the second line of Table 4.6."""

_base_ = './lac_generator_mixamo_2d.py'
model = dict(
    generator=dict(
        _delete_=True,
        type='TwoEncoderAutoencoder',
        layout='motion15',
        in_channels=2,
        num_motion=128,
        num_static=32,
    )
)
