"""LCRNet++ for two cores: EfficientNet-Lite0 down to stride 16 with a feature pyramid, for small pictures."""

default_scope = 'mmdet'
layout = 'lcrnet13'
num_anchors = 20
model = dict(
    type='LCRNet',
    data_preprocessor=dict(
        type='DetDataPreprocessor', mean=[127.0] * 3, std=[128.0] * 3, bgr_to_rgb=True, pad_size_divisor=32
    ),
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
        type='RPNHead',
        in_channels=64,
        feat_channels=64,
        anchor_generator=dict(
            type='AnchorGenerator', scales=[5], ratios=[0.33, 0.5, 1.0], strides=[4, 8, 16]
        ),
        bbox_coder=dict(type='DeltaXYWHBBoxCoder'),
        loss_cls=dict(type='CrossEntropyLoss', use_sigmoid=True),
        loss_bbox=dict(type='L1Loss'),
    ),
    roi_head=dict(
        type='AnchorPoseRoIHead',
        bbox_roi_extractor=dict(
            type='SingleRoIExtractor',
            roi_layer=dict(type='RoIAlign', output_size=7, sampling_ratio=2),
            out_channels=64,
            featmap_strides=[4, 8, 16],
            finest_scale=48,
        ),
        bbox_head=dict(
            type='AnchorPoseHead',
            in_channels=64,
            roi_feat_size=7,
            layout=layout,
            num_anchors=num_anchors,
            fc_channels=(256, 256),
            # offsets of small persons are small: with LCRNet++'s beta of 1 they are hardly learnt
            loss_reg=dict(type='SmoothL1Loss', beta=0.2, loss_weight=1.0),
        ),
    ),
    train_cfg=dict(
        rpn=dict(
            # persons on whom the experts disagree are neither truth nor background
            assigner=dict(
                type='MaxIoUAssigner', pos_iou_thr=0.7, neg_iou_thr=0.3, min_pos_iou=0.3, ignore_iof_thr=0.5
            ),
            sampler=dict(type='RandomSampler', num=64, pos_fraction=0.5, add_gt_as_proposals=False),
            allowed_border=-1,
            pos_weight=-1,
            debug=False,
        ),
        rpn_proposal=dict(
            nms_pre=200, max_per_img=100, nms=dict(type='nms', iou_threshold=0.7), min_bbox_size=0
        ),
        rcnn=dict(
            assigner=dict(
                type='MaxIoUAssigner', pos_iou_thr=0.5, neg_iou_thr=0.5, min_pos_iou=0.5, ignore_iof_thr=0.5
            ),
            sampler=dict(type='RandomSampler', num=32, pos_fraction=0.5, add_gt_as_proposals=True),
        ),
    ),
    test_cfg=dict(
        rpn=dict(nms_pre=200, max_per_img=50, nms=dict(type='nms', iou_threshold=0.7), min_bbox_size=0),
        rcnn=dict(score_thr=0.01, max_per_img=20),
    ),
)
__size = (120, 90)
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadPoses'),
    dict(type='ResizePoses', scale=__size, keep_ratio=True),
    dict(type='FlipPoses', layout=layout),
    dict(type='PackPoses'),
]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='ResizePoses', scale=__size, keep_ratio=True),
    # behind the resizing: true poses stay those of the original picture
    dict(type='LoadPoses'),
    dict(type='PackPoses', meta_keys=('img_id', 'img_path', 'ori_shape', 'img_shape', 'scale_factor')),
]
