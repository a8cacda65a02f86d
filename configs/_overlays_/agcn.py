"""mmaction2's 2s-AGCN (AAGCN without its attention) instead of UNIK: a baseline of Table 3.3."""

network_overlay = dict(
    name='agcn',
    needs=('model.type=RecognizerGCN', 'model.backbone.num_joints'),
    model=dict(
        backbone=dict(
            _delete_=True,
            _keep_=('in_channels', 'num_person', 'base_channels'),
            type='LayoutAGCN',
            layout=None,
        )
    ),
)
