"""ViA's autoencoder around a UNIK, K = 32, trained by retargeting with ground truth (Eq. 4.4)."""

model = dict(
    type='MotionRetargeter',
    generator=dict(
        type='ViAAutoencoder',
        layout='posetics17',
        in_channels=2,
        num_static=32,
        backbone=dict(type='UNIK', in_channels=2, num_joints=17, num_person=1),
    ),
)
