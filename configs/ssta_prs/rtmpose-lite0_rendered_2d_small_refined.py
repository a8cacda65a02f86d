"""The top-down student refined on the pseudo truth of real experts on degraded videos of rendered people.

It starts from the weights of rtmpose-lite0_rendered_2d_small.py (``--load-from``).
"""

_base_ = './rtmpose-lite0_utd-mhad_2d_small_refined.py'
train_dataloader = dict(dataset=dict(data_root='{{$MMACTREP_DATA_ROOT:data}}/rendered_people/pseudo_truth'))
test_dataloader = dict(dataset=dict(data_root='{{$MMACTREP_DATA_ROOT:data}}/rendered_people'))
train_cfg = dict(max_epochs=8)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, by_epoch=False, begin=0, end=50),
    dict(type='CosineAnnealingLR', T_max=8, by_epoch=True, convert_to_iter_based=True),
]
