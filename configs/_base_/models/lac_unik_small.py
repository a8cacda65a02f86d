"""LAC sized for two cores: a UNIK of half the width with temporal strides, P = 2, a queue of 1024."""

_base_ = './lac_unik.py'

model = dict(
    backbone=dict(
        num_person=1,
        channels=(32, 32, 32, 32, 64, 64, 64, 128, 128, 128),
        strides=(1, 1, 1, 1, 2, 1, 1, 2, 1, 1),
    ),
    neck=dict(in_channels=128, out_channels=64),
    frame_neck=dict(in_channels=128, out_channels=64),
    # the encoder also sees real poses, each with itself as a key
    composer=dict(original_fraction=0.5),
    real_key=True,
    augmentation=dict(
        type='SkeletonAugmentation',
        max_angle=0.3,
        scale=(0.8, 1.2),
        max_shift=0.1,
        jitter=0.01,  # generated poses are smoother than real ones
        mirror=0.5,
        layout='posetics17',
    ),
    num_positives=2,
    queue_size=1024,
    momentum=0.99,
    clip_length=64,
)
