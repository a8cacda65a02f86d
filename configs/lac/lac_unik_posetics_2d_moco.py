"""Plain contrastive pre-training on Posetics: no composition, no frame loss (L0 of Table 4.7)."""

_base_ = './lac_unik_posetics_2d.py'

model = dict(
    _delete_=True,
    type='ContrastivePretrainer',
    backbone=_base_.model.backbone,
    neck=_base_.model.neck,
    augmentation=dict(
        type='SkeletonAugmentation', max_angle=0.3, scale=(0.8, 1.2), mirror=0.5, layout='posetics17'
    ),
    num_positives=1,
    queue_size=8192,
    momentum=0.994,
)
