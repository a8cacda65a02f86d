"""A UNIK of a quarter of the width, 32 frames of one person in their own box: minutes on two cores.

The recipe of ``tools/quickstart.sh``. In few steps AdamW reaches more than SGD.
"""

__sample = dict(_delete_=True, type='UniformTemporalSample', length=32, short='stretch')
__test = dict(
    dataset=dict(
        pipeline=dict(
            normalize=dict(_delete_=True, type='BoxNormalize'),
            sample=dict(__sample, jitter=False),
            format=dict(num_person=1),
        )
    )
)
recipe_overlay = dict(
    name='quickstart',
    needs=('model.backbone.type=UNIK', 'model.backbone.in_channels=2', 'model.cls_head.num_classes=320'),
    model=dict(
        backbone=dict(num_person=1, channels=(16, 16, 16, 16, 32, 32, 32, 64, 64, 64)),
        cls_head=dict(in_channels=64, dropout=0.1),
    ),
    train_dataloader=dict(
        batch_size=32,
        dataset=dict(
            pipeline=dict(
                normalize=dict(_delete_=True, type='BoxNormalize'),
                sample=dict(__sample, jitter=True),
                move=dict(_delete_=True),
                mirror=dict(type='RandomMirror'),
                rotate=dict(type='RandomRotate', max_angle=0.2),
                scale=dict(type='RandomScale', scale=(0.8, 1.2)),
                format=dict(num_person=1),
            )
        ),
    ),
    val_dataloader=__test,
    test_dataloader=__test,
    optim_wrapper=dict(
        type='AutocastOptimWrapper',
        optimizer=dict(_delete_=True, type='AdamW', lr=3e-3, weight_decay=0.05),
    ),
    param_scheduler=[
        dict(type='WarmUpLR', by_epoch=False),
        dict(type='CosineAnnealingLR', eta_min=0, by_epoch=True, begin=0, convert_to_iter_based=True),
    ],
    train_cfg=dict(max_epochs=15, val_interval=5),
)
