"""mmaction2's PoseC3D instead of UNIK: a 3D network on heatmaps of joints, or with ``bone`` of limbs.

Heatmaps of 56 x 56 pixels and 48 frames, SlowOnly of half the width, as in its configs for NTU RGB+D.
"""

__pipeline = dict(
    normalize=dict(_delete_=True, type='BoxNormalize'),
    move=dict(_delete_=True),
    stream=dict(_delete_=True),
    format=dict(_delete_=True, _keep_=('num_person',), type='FormatHeatmaps', size=56, sigma=0.6),
)
__sample = dict(_delete_=True, type='UniformTemporalSample', length=48, short='stretch')
__tested = dict(dataset=dict(pipeline=dict(__pipeline, sample=dict(__sample, jitter=False))))
network_overlay = dict(
    name='posec3d',
    needs=('model.type=RecognizerGCN', 'model.backbone.num_joints', 'model.backbone.in_channels=2'),
    model=dict(
        _delete_=True,
        type='Recognizer3D',
        backbone=dict(type='JointHeatmapSlowOnly', in_channels=2, num_joints=None),
        cls_head=dict(
            type='I3DHead', num_classes=None, in_channels=512, dropout_ratio=0.5, average_clips='prob'
        ),
    ),
    train_dataloader=dict(dataset=dict(pipeline=dict(__pipeline, sample=dict(__sample, jitter=True)))),
    val_dataloader=__tested,
    test_dataloader=__tested,
)
