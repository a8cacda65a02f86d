"""LTN on MoCo as in the thesis (5.4.1): R3D-50, P = 4, M = 64, variant 3, K = 65,536, Temp = 0.1."""

_base_ = './r3d50.py'

model = dict(
    _delete_=True,
    type='VideoPretrainer',
    backbone=_base_.model.backbone,
    time=dict(
        type='LatentTimeNavigation',
        channels=2048,
        num_directions=64,
        variant=3,
        times='start',
        num_layers=2,
        hidden_channels=2048,
    ),
    neck=dict(
        type='ProjectionHead',
        in_channels=2048,
        hidden_channels=2048,
        out_channels=128,
        num_layers=3,
        with_norm=True,
    ),
    loss=dict(type='InfoNCE', temperature=0.1),
    num_positives=4,
    queue_size=65536,
    momentum=0.994,
    data_preprocessor=_base_.model.data_preprocessor,
)
