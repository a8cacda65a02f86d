"""BYOL instead of MoCo: a predictor and no negatives (Table 5.2). Its optimizer LARS is an overlay, too."""

__head = dict(type='ProjectionHead', hidden_channels=4096, out_channels=256, num_layers=2, with_norm=True)

loss_overlay = dict(
    name='byol',
    needs=('model.type=VideoPretrainer',),
    model=dict(
        _delete_=True,
        _keep_=('backbone', 'time', 'num_positives', 'data_preprocessor'),
        type='VideoBYOL',
        neck=dict(__head, _keep_=('in_channels',)),
        predictor=dict(__head, in_channels=256),
        loss=dict(type='CosineRegression', temperature=0.5),
        momentum=0.996,
    ),
    # of all processes together
    sync_bn='torch',
)
