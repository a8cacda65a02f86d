"""mmaction2's ST-GCN instead of UNIK: a baseline of Table 3.3."""

network_overlay = dict(
    name='stgcn',
    needs=('model.type=RecognizerGCN', 'model.backbone.num_joints'),
    model=dict(
        backbone=dict(
            _delete_=True,
            _keep_=('in_channels', 'num_person', 'base_channels'),
            type='LayoutSTGCN',
            layout=None,
        )
    ),
)
