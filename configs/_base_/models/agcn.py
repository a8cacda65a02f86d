"""2s-AGCN: mmaction2's AAGCN without its attention, on the 17 joints of Posetics."""

from mmactrep.structures import get_layout

model = dict(
    type='RecognizerGCN',
    backbone=dict(
        type='AAGCN',
        in_channels=2,
        gcn_attention=False,
        graph_cfg=dict(layout=get_layout('posetics17').graph, mode='spatial'),
    ),
    cls_head=dict(type='GCNHead', num_classes=320, in_channels=256),
)
