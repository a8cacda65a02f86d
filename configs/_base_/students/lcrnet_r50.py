"""LCRNet++ with its own settings: ResNet-50 to stride 16, conv5 on the regions, 20 anchors, 13 joints."""

_base_ = './lcrnet.py'
__norm = dict(type='BN', requires_grad=False)
__weights = dict(type='Pretrained', checkpoint='torchvision://resnet50')
__nms = dict(iou_threshold=0.5)
model = dict(
    data_preprocessor=dict(mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375]),
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
        in_channels=1024,
        feat_channels=1024,
        # sizes of 32 to 512 pixels
        anchor_generator=dict(scales=[2, 4, 8, 16, 32], ratios=[0.5, 1.0, 2.0], strides=[16]),
    ),
    roi_head=dict(
        shared_head=dict(
            type='ResLayer', depth=50, stage=3, stride=2, norm_cfg=__norm, norm_eval=True, init_cfg=__weights
        ),
        bbox_roi_extractor=dict(
            roi_layer=dict(output_size=14, sampling_ratio=0), out_channels=1024, featmap_strides=[16]
        ),
        bbox_head=dict(in_channels=2048, with_avg_pool=True),
    ),
    train_cfg=dict(
        rpn=dict(sampler=dict(num=256)),
        rpn_proposal=dict(nms_pre=6000, max_per_img=1000, nms=__nms),
        rcnn=dict(sampler=dict(num=512, pos_fraction=0.25)),
    ),
    test_cfg=dict(rpn=dict(nms_pre=6000, max_per_img=1000, nms=__nms), rcnn=dict(max_per_img=100)),
)
_base_.train_pipeline[2].update(scale=(1333, 800))
_base_.test_pipeline[1].update(scale=(1333, 800))
