"""LAC's generator with the thesis's settings (4.3.1, Table 4.1): C_out = 160, J = 128, K = 32."""

model = dict(
    type='MotionRetargeter',
    generator=dict(
        type='MotionAutoencoder', layout='motion15', in_channels=2, code_channels=160, num_motion=128
    ),
    # The release adds both to the thesis's reconstruction loss; with 0 it is Eq. 4.4 alone.
    triplet_weight=1.0,
    foot_velocity_weight=0.1,
)
