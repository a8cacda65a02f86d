"""ST-GCN of mmaction2 on the 17 joints of Posetics."""

from mmactrep.structures import get_layout

model = dict(
    type='RecognizerGCN',
    backbone=dict(
        type='STGCN',
        in_channels=2,
        graph_cfg=dict(layout=get_layout('posetics17').graph, mode='stgcn_spatial'),
    ),
    cls_head=dict(type='GCNHead', num_classes=320, in_channels=256),
)
