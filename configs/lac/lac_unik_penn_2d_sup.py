"""LAC-sup on Penn Action: composed sequences with the union of their labels."""

_base_ = './lac_unik_penn_2d.py'

model = dict(
    _delete_=True,
    type='SupervisedLAC',
    backbone=_base_.model.backbone,
    composer=_base_.model.composer,
    augmentation=_base_.model.augmentation,
    num_classes=15,
    in_channels=128,
)
custom_hooks = []
