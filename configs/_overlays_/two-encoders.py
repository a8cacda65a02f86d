"""The two encoders of MotionRetargeting2D instead of LAC's generator: the baseline of Table 4.6."""

generator_overlay = dict(
    name='two-encoders',
    needs=('model.generator.num_motion',),
    model=dict(
        generator=dict(
            _delete_=True,
            _keep_=(
                'layout',
                'in_channels',
                'num_motion',
                'encoder_channels',
                'decoder_channels',
                'dropout',
            ),
            type='TwoEncoderAutoencoder',
            num_static=32,
        )
    ),
)
