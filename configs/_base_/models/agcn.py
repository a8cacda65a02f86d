"""2s-AGCN (AAGCN of mmaction2 without its attention) on the 17 joints of Posetics."""

model = dict(
    type='RecognizerGCN',
    backbone=dict(type='LayoutAGCN', layout='posetics17', in_channels=2),
    cls_head=dict(type='GCNHead', num_classes=320, in_channels=256),
)
