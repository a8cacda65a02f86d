"""What every LCRNet++ shares: which regions are persons, and pipelines, whose size configs set."""

default_scope = 'mmdet'
layout = 'lcrnet13'
num_anchors = 20
model = dict(
    type='LCRNet',
    data_preprocessor=dict(type='DetDataPreprocessor', bgr_to_rgb=True, pad_size_divisor=32),
    rpn_head=dict(
        type='RPNHead',
        anchor_generator=dict(type='AnchorGenerator'),
        bbox_coder=dict(type='DeltaXYWHBBoxCoder'),
        loss_cls=dict(type='CrossEntropyLoss', use_sigmoid=True),
        loss_bbox=dict(type='L1Loss'),
    ),
    roi_head=dict(
        type='AnchorPoseRoIHead',
        bbox_roi_extractor=dict(type='SingleRoIExtractor', roi_layer=dict(type='RoIAlign')),
        bbox_head=dict(type='AnchorPoseHead', roi_feat_size=7, layout=layout, num_anchors=num_anchors),
    ),
    train_cfg=dict(
        rpn=dict(
            # persons on whom the experts disagree are neither truth nor background
            assigner=dict(
                type='MaxIoUAssigner', pos_iou_thr=0.7, neg_iou_thr=0.3, min_pos_iou=0.3, ignore_iof_thr=0.5
            ),
            sampler=dict(type='RandomSampler', pos_fraction=0.5, add_gt_as_proposals=False),
            allowed_border=-1,
            pos_weight=-1,
            debug=False,
        ),
        rpn_proposal=dict(nms=dict(type='nms'), min_bbox_size=0),
        rcnn=dict(
            assigner=dict(
                type='MaxIoUAssigner', pos_iou_thr=0.5, neg_iou_thr=0.5, min_pos_iou=0.5, ignore_iof_thr=0.5
            ),
            sampler=dict(type='RandomSampler', add_gt_as_proposals=True),
        ),
    ),
    test_cfg=dict(rpn=dict(nms=dict(type='nms'), min_bbox_size=0), rcnn=dict(score_thr=0.01)),
)
__resize = dict(type='ResizePoses', keep_ratio=True)
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadPoses'),
    __resize,
    dict(type='FlipPoses', layout=layout),
    dict(type='PackPoses'),
]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    __resize,
    # behind the resizing: true poses stay those of the original picture
    dict(type='LoadPoses'),
    dict(type='PackPoses', meta_keys=('img_id', 'img_path', 'ori_shape', 'img_shape', 'scale_factor')),
]
