"""UNIK with the thesis's settings (3.7.1): N = 3, τ = 1, t = 9, dilations 1, 3, 3, 3, 3, 1, ..."""

layout = 'posetics17'  # for graph networks, which need a layout
model = dict(
    type='RecognizerGCN',
    backbone=dict(type='UNIK', in_channels=2, num_joints=17, num_person=2),
    cls_head=dict(type='GCNHead', num_classes=320, in_channels=256),
)
