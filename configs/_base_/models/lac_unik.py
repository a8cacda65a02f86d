"""LAC with the thesis's settings (4.5.1): UNIK without temporal strides (Table 4.1), P = 4, K = 8192.

The generator is the one in the repository, a checkpoint of ``lac_generator_bank_2d.py``; how it is built is
part of the checkpoint. Another one: ``--cfg-options model.composer.generator.checkpoint=FILE``.
"""

generator = dict(type='TrainedGenerator', checkpoint='demo/checkpoints/lac_generator_2d.pth')
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
