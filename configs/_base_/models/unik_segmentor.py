"""UNIK as a segmentor: temporal stride 1, every frame is classified (thesis, Table 4.1)."""

model = dict(
    type='SkeletonSegmentor',
    backbone=dict(type='UNIK', in_channels=2, num_joints=17, num_person=1, strides=(1,) * 10),
    cls_head=dict(type='FrameHead', num_classes=34, in_channels=256, stride=1, prior=0.05),
)
