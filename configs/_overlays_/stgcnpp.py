"""mmaction2's ST-GCN++ instead of UNIK: adaptive graph with residuals, temporal branches."""

network_overlay = dict(
    name='stgcnpp',
    needs=('model.type=RecognizerGCN', 'model.backbone.num_joints'),
    model=dict(
        backbone=dict(
            _delete_=True,
            _keep_=('in_channels', 'num_person', 'base_channels'),
            type='LayoutSTGCN',
            layout=None,
            mode='spatial',
            gcn_adaptive='init',
            gcn_with_res=True,
            tcn_type='mstcn',
        )
    ),
)
