"""LCRNet++ for two cores: EfficientNet-Lite0 down to stride 16 with a feature pyramid, for small pictures."""

_base_ = './lcrnet.py'
__strides = [4, 8, 16]
__nms = dict(iou_threshold=0.7)
model = dict(
    data_preprocessor=dict(mean=[127.0] * 3, std=[128.0] * 3),
    # with batches of 8 pictures, most of them background, statistics of a batch are too noisy
    backbone=dict(type='EfficientNetLite', out_indices=(1, 2, 3), frozen_stages=0, norm_eval=True),
    neck=dict(
        type='FPN',
        in_channels=[24, 40, 112],
        out_channels=64,
        num_outs=3,
        norm_cfg=dict(type='GN', num_groups=16),
    ),
    rpn_head=dict(
        in_channels=64,
        feat_channels=64,
        anchor_generator=dict(scales=[5], ratios=[0.33, 0.5, 1.0], strides=__strides),
    ),
    roi_head=dict(
        bbox_roi_extractor=dict(
            roi_layer=dict(output_size=7, sampling_ratio=2),
            out_channels=64,
            featmap_strides=__strides,
            finest_scale=48,
        ),
        bbox_head=dict(
            in_channels=64,
            fc_channels=(256, 256),
            # offsets of small persons are small: with LCRNet++'s beta of 1 they are hardly learnt
            loss_reg=dict(type='SmoothL1Loss', beta=0.2, loss_weight=1.0),
        ),
    ),
    train_cfg=dict(
        rpn=dict(sampler=dict(num=64)),
        rpn_proposal=dict(nms_pre=200, max_per_img=100, nms=__nms),
        rcnn=dict(sampler=dict(num=32, pos_fraction=0.5)),
    ),
    test_cfg=dict(rpn=dict(nms_pre=200, max_per_img=50, nms=__nms), rcnn=dict(max_per_img=20)),
)
_base_.train_pipeline[2].update(scale=(120, 90))
_base_.test_pipeline[1].update(scale=(120, 90))
