"""T-MOR for two cores: a UNIK of half the width, MiniLM and EfficientNet-Lite0 as teachers, N = 4096."""

_base_ = './tmor_unik.py'

video_teacher, text_teacher = 'efficientnet-lite0', 'minilm'
__projection = dict(out_channels=128)
model = dict(
    backbone=dict(
        num_person=1,
        channels=(32, 32, 32, 32, 64, 64, 64, 128, 128, 128),
        strides=(1, 1, 1, 1, 2, 1, 1, 2, 1, 1),
    ),
    neck=dict(__projection, in_channels=128),
    video_teacher=video_teacher,
    text_teacher=text_teacher,
    video_neck=dict(__projection, in_channels=1280),
    text_neck=dict(__projection, in_channels=384),
    augmentation=dict(scale=(0.8, 1.2), max_shift=0.1),
    queue_size=4096,
    momentum=0.99,
)
