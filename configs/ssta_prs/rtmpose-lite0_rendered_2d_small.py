"""A top-down student before refinement, on clean pictures of rendered people, for two cores."""

_base_ = './rtmpose-lite0_utd-mhad_2d_small.py'
__pictures = dict(data_root='{{$MMACTREP_DATA_ROOT:data}}/rendered_people')
train_dataloader = dict(dataset=__pictures)
test_dataloader = dict(dataset=__pictures)
train_cfg = dict(max_epochs=12)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, by_epoch=False, begin=0, end=50),
    dict(type='CosineAnnealingLR', T_max=12, by_epoch=True, convert_to_iter_based=True),
]
