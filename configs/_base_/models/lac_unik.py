"""LAC with the thesis's settings (4.5.1): UNIK without temporal strides (Table 4.1), P = 4, K = 8192.

The generator is a checkpoint of ``lac_generator_*.py``, trained in the same layout. Put it at this path, or
name another one with ``--cfg-options model.composer.generator.init_cfg.checkpoint=FILE``.
"""

generator = dict(
    type='MotionAutoencoder',
    layout='posetics17',
    in_channels=2,
    init_cfg=dict(
        type='Pretrained', checkpoint='checkpoints/lac_generator_synthetic_2d.pth', prefix='generator.'
    ),
)
model = dict(
    type='LAC',
    backbone=dict(type='UNIK', in_channels=2, num_joints=17, num_person=2, strides=(1,) * 10),
    neck=dict(type='ProjectionHead', in_channels=256, out_channels=128, num_layers=2),
    frame_neck=dict(type='ProjectionHead', in_channels=256, out_channels=128, num_layers=2),
    composer=dict(generator=generator, num_motions=2, restore_deviation=False),
    loss=dict(type='InfoNCE', temperature=0.1),
    num_positives=4,
    queue_size=8192,
    momentum=0.994,
    clip_length=150,
    temporal_sample_rate=4,
)
