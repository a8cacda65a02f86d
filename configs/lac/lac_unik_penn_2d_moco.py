"""Plain contrastive pre-training on Penn Action: no composition, no frame loss (L0 of Table 4.7)."""

_base_ = './lac_unik_penn_2d.py'

model = dict(
    _delete_=True,
    type='ContrastivePretrainer',
    backbone=_base_.model.backbone,
    neck=_base_.model.neck,
    augmentation=_base_.model.augmentation,
    num_positives=2,
    queue_size=1024,
    momentum=0.99,
)
