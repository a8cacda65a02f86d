"""ViA as contrast on the motion bank, sized for two cores: views are projected instead of generated.

Query and positive are the same motion on two bodies from two cameras; no generator takes part.
"""

_base_ = [
    '../_base_/datasets/pretraining_penn_2d.py',
    '../_base_/datasets/motion_bank.py',
    '../_base_/models/lac_unik_small.py',
    '../_base_/schedules/lac_pretrain_small.py',
]
train_dataloader = dict(_delete_=True, **{**_base_.bank, 'batch_size': 32})
train_dataloader['dataset']['samples'] = 3200
model = dict(
    _delete_=True,
    type='ContrastivePretrainer',
    backbone=_base_.model.backbone,
    neck=_base_.model.neck,
    augmentation=_base_.model.augmentation,
    data_preprocessor=dict(type='MotionViewSynthesizer', views=2, **_base_.synthesis),
    # keys of 16 steps: older ones are of another encoder, and may be told from new ones by that
    queue_size=512,
    momentum=0.99,
    # windows are drawn anew: none is met twice
    mask_same_instance=False,
)
