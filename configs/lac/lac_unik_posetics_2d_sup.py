"""LAC-sup on Posetics: composed sequences with the union of their labels (thesis, 4.5.2)."""

_base_ = './lac_unik_posetics_2d.py'

model = dict(
    _delete_=True,
    type='SupervisedLAC',
    backbone=_base_.model.backbone,
    composer=_base_.model.composer,
    num_classes=320,
    in_channels=256,
)
custom_hooks = []
