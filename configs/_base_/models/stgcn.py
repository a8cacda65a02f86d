"""ST-GCN of mmaction2 on the 17 joints of Posetics."""

model = dict(
    type='RecognizerGCN',
    backbone=dict(type='LayoutSTGCN', layout='posetics17', in_channels=2),
    cls_head=dict(type='GCNHead', num_classes=320, in_channels=256),
)
