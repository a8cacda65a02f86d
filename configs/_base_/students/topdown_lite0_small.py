"""A top-down student for two cores: RTMPose's head on EfficientNet-Lite0 to stride 16, 64 x 96 pixels."""

default_scope = 'mmpose'
layout = 'lcrnet13'
__size = (64, 96)
codec = dict(
    type='SimCCLabel',
    input_size=__size,
    sigma=(2.8, 3.4),
    simcc_split_ratio=2.0,
    normalize=False,
    use_dark=False,
)
model = dict(
    type='TopdownPoseEstimator',
    data_preprocessor=dict(type='PoseDataPreprocessor', mean=[127.0] * 3, std=[128.0] * 3, bgr_to_rgb=True),
    backbone=dict(type='EfficientNetLite', out_indices=(3,)),
    head=dict(
        type='RTMCCHead',
        in_channels=112,
        out_channels=13,
        input_size=__size,
        in_featuremap_size=(__size[0] // 16, __size[1] // 16),
        simcc_split_ratio=2.0,
        final_layer_kernel_size=5,
        gau_cfg=dict(
            hidden_dims=128,
            s=64,
            expansion_factor=2,
            dropout_rate=0.0,
            drop_path=0.0,
            act_fn='SiLU',
            use_rel_bias=False,
            pos_enc=False,
        ),
        loss=dict(type='KLDiscretLoss', use_target_weight=True, beta=10.0, label_softmax=True),
        decoder=codec,
    ),
    test_cfg=dict(flip_test=False),
)
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='RandomFlip', direction='horizontal'),
    dict(type='RandomBBoxTransform', shift_factor=0.1, scale_factor=(0.8, 1.25), rotate_factor=20),
    dict(type='TopdownAffine', input_size=__size),
    dict(type='GenerateTarget', encoder=codec),
    dict(type='WeightByConfidence'),
    dict(type='PackPoseInputs'),
]
test_pipeline = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='TopdownAffine', input_size=__size),
    dict(type='PackPoseInputs'),
]
# a student of noisy poses is less sure of the place, not less right: every joint counts
expert = dict(min_score=0.0)
