"""LCRNet++ with its own settings: ResNet-50 to stride 16, conv5 on the regions, 20 anchors, 13 joints."""

default_scope = 'mmdet'
layout = 'lcrnet13'
num_anchors = 20
__norm = dict(type='BN', requires_grad=False)
__weights = dict(type='Pretrained', checkpoint='torchvision://resnet50')
model = dict(
    type='LCRNet',
    data_preprocessor=dict(
        type='DetDataPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
        pad_size_divisor=32,
    ),
    backbone=dict(
        type='ResNet',
        depth=50,
        num_stages=3,
        strides=(1, 2, 2),
        dilations=(1, 1, 1),
        out_indices=(2,),
        frozen_stages=1,
        norm_cfg=__norm,
        norm_eval=True,
        init_cfg=__weights,
    ),
    rpn_head=dict(
        type='RPNHead',
        in_channels=1024,
        feat_channels=1024,
        # sizes of 32 to 512 pixels
        anchor_generator=dict(
            type='AnchorGenerator', scales=[2, 4, 8, 16, 32], ratios=[0.5, 1.0, 2.0], strides=[16]
        ),
        bbox_coder=dict(type='DeltaXYWHBBoxCoder'),
        loss_cls=dict(type='CrossEntropyLoss', use_sigmoid=True),
        loss_bbox=dict(type='L1Loss'),
    ),
    roi_head=dict(
        type='AnchorPoseRoIHead',
        shared_head=dict(
            type='ResLayer', depth=50, stage=3, stride=2, norm_cfg=__norm, norm_eval=True, init_cfg=__weights
        ),
        bbox_roi_extractor=dict(
            type='SingleRoIExtractor',
            roi_layer=dict(type='RoIAlign', output_size=14, sampling_ratio=0),
            out_channels=1024,
            featmap_strides=[16],
        ),
        bbox_head=dict(
            type='AnchorPoseHead',
            in_channels=2048,
            roi_feat_size=7,
            with_avg_pool=True,
            layout=layout,
            num_anchors=num_anchors,
        ),
    ),
    train_cfg=dict(
        rpn=dict(
            # persons on whom the experts disagree are neither truth nor background
            assigner=dict(
                type='MaxIoUAssigner', pos_iou_thr=0.7, neg_iou_thr=0.3, min_pos_iou=0.3, ignore_iof_thr=0.5
            ),
            sampler=dict(type='RandomSampler', num=256, pos_fraction=0.5, add_gt_as_proposals=False),
            allowed_border=-1,
            pos_weight=-1,
            debug=False,
        ),
        rpn_proposal=dict(
            nms_pre=6000, max_per_img=1000, nms=dict(type='nms', iou_threshold=0.5), min_bbox_size=0
        ),
        rcnn=dict(
            assigner=dict(
                type='MaxIoUAssigner', pos_iou_thr=0.5, neg_iou_thr=0.5, min_pos_iou=0.5, ignore_iof_thr=0.5
            ),
            sampler=dict(type='RandomSampler', num=512, pos_fraction=0.25, add_gt_as_proposals=True),
        ),
    ),
    test_cfg=dict(
        rpn=dict(nms_pre=6000, max_per_img=1000, nms=dict(type='nms', iou_threshold=0.5), min_bbox_size=0),
        rcnn=dict(score_thr=0.01, max_per_img=100),
    ),
)
__size = (1333, 800)
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
