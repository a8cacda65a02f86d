"""A top-down student: RTMPose-t's head on EfficientNet-Lite0, 192 x 256 pixels."""

_base_ = './topdown_lite0_small.py'
__size = (192, 256)
codec = dict(input_size=__size, sigma=(4.9, 5.66))
model = dict(
    backbone=dict(out_indices=(4,)),
    head=dict(
        in_channels=320,
        input_size=__size,
        in_featuremap_size=(__size[0] // 32, __size[1] // 32),
        final_layer_kernel_size=7,
        gau_cfg=dict(hidden_dims=256, s=128),
        decoder=codec,
    ),
    test_cfg=dict(flip_test=True),
)
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='RandomFlip', direction='horizontal'),
    dict(type='RandomHalfBody'),
    dict(type='RandomBBoxTransform', scale_factor=(0.6, 1.4), rotate_factor=80),
    dict(type='TopdownAffine', input_size=__size),
    dict(type='GenerateTarget', encoder=dict(_base_.codec, **codec)),
    dict(type='WeightByConfidence'),
    dict(type='PackPoseInputs'),
]
test_pipeline = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='TopdownAffine', input_size=__size),
    dict(type='PackPoseInputs'),
]
# boxes of MediaPipe, which needs no further weights
expert = dict(min_score=0.1, detector='mediapipe')
