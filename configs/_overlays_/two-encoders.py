"""The two-encoder form of MotionRetargeting2D in place of LAC's generator: the baseline of Table 4.6."""

generator_overlay = dict(
    name='two-encoders',
    needs=('model.generator.num_motion',),
    model=dict(
        generator=dict(
            _delete_=True,
            _keep_=('layout', 'in_channels', 'num_motion', 'dropout'),
            type='TwoEncoderAutoencoder',
            num_static=32,
        )
    ),
)
