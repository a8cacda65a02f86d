"""UNIK as a segmentor sized for two cores: half the width, a feature per four frames, interpolated."""

model = dict(
    type='SkeletonSegmentor',
    backbone=dict(
        type='UNIK',
        in_channels=2,
        num_joints=17,
        num_person=1,
        channels=(32, 32, 32, 32, 64, 64, 64, 128, 128, 128),
    ),
    cls_head=dict(type='FrameHead', num_classes=34, in_channels=128, stride=4, prior=0.05),
)
