"""T-MOR with UNIK as motion encoder, ViCLIP-L/14 as both teachers, and queues of 65,536 (thesis, 6.3).

The thesis names neither widths of the projections nor temperatures: projections have two layers and 256
channels, L_mm has the toolbox's temperature, L_mv and L_mt learn theirs from CLIP's first value on.
"""

video_teacher = text_teacher = 'viclip-l14'
__projection = dict(type='ProjectionHead', out_channels=256, num_layers=2)
__learned = dict(temperature=0.07, learn_temperature=True)
model = dict(
    type='TMOR',
    backbone=dict(type='UNIK', in_channels=2, num_joints=17, num_person=2),
    neck=dict(__projection, in_channels=256),
    video_teacher=video_teacher,
    text_teacher=text_teacher,
    video_neck=dict(__projection, in_channels=768),
    text_neck=dict(__projection, in_channels=768),
    loss=dict(type='InfoNCE', temperature=0.1),
    video_loss=__learned,
    text_loss=__learned,
    augmentation=dict(type='SkeletonAugmentation', max_angle=0.3, scale=(1.0, 1.0), max_shift=0.0),
    num_positives=1,
    queue_size=65536,
    momentum=0.994,
)
