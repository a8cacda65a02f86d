"""The top-down student refined on pseudo truth of degraded videos, weighted by its confidence.

It starts from the weights of rtmpose-lite0_utd-mhad_2d_small.py (``--load-from``).
"""

_base_ = './rtmpose-lite0_utd-mhad_2d_small.py'
train_dataloader = dict(
    dataset=dict(
        data_root='{{$MMACTREP_DATA_ROOT:data}}/utd_mhad/pseudo_truth', ann_file='annotations/train.json'
    )
)
train_cfg = dict(max_epochs=4)
optim_wrapper = dict(optimizer=dict(lr=1e-3))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, by_epoch=False, begin=0, end=50),
    dict(type='CosineAnnealingLR', T_max=4, by_epoch=True, convert_to_iter_based=True),
]
custom_hooks = [dict(type='WholeStudentHook')]
