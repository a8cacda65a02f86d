"""LAC with the thesis's settings, in 3D; the generator is of ``lac_generator_synthetic_3d.py``."""

_base_ = './lac_unik.py'

model = dict(
    backbone=dict(in_channels=3),
    composer=dict(
        generator=dict(in_channels=3, init_cfg=dict(checkpoint='checkpoints/lac_generator_synthetic_3d.pth'))
    ),
)
