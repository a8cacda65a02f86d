"""SSTA-PRS (Eq. 3.5 to 3.7): LCRNet++ refined on pseudo truth of degraded videos, its regression frozen.

It starts from the weights of lcrnet-lite0_utd-mhad_2d_small.py (``--load-from``).
"""

_base_ = './lcrnet-lite0_utd-mhad_2d_small.py'
train_dataloader = dict(
    dataset=dict(
        data_root='{{$MMACTREP_DATA_ROOT:data}}/utd_mhad/pseudo_truth', ann_file='annotations/train.json'
    )
)
# the frozen regression needs the features that it was trained on: what it stands on is frozen as well
model = dict(backbone=dict(frozen_stages=3), roi_head=dict(bbox_head=dict(regression=False)))
train_cfg = dict(max_epochs=2)
optim_wrapper = dict(
    optimizer=dict(lr=5e-4),
    paramwise_cfg=dict(custom_keys={'neck': dict(lr_mult=0.0), 'bbox_head.fcs': dict(lr_mult=0.0)}),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, by_epoch=False, begin=0, end=50),
    dict(type='CosineAnnealingLR', T_max=2, by_epoch=True, convert_to_iter_based=True),
]
custom_hooks = [dict(type='WholeStudentHook')]
