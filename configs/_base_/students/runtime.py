"""Hooks, logging and seeds of students. The scope is that of the package whose models they are."""

custom_imports = dict(
    imports=[
        'mmactrep.datasets.keypoints.detection',
        'mmactrep.datasets.keypoints.topdown',
        'mmactrep.models.pose_estimators',
    ],
    allow_failed_imports=False,
)
default_hooks = dict(
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=20, ignore_last=False),
    param_scheduler=dict(type='ParamSchedulerHook'),
    checkpoint=dict(type='CheckpointHook', interval=1, max_keep_ckpts=2),
    sampler_seed=dict(type='DistSamplerSeedHook'),
    plain_checkpoint=dict(type='PlainCheckpointHook', _scope_='mmactrep'),
)
env_cfg = dict(
    cudnn_benchmark=False,
    mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0),
    dist_cfg=dict(backend='nccl'),
)
log_processor = dict(type='LogProcessor', window_size=20, by_epoch=True, _scope_='mmengine')
vis_backends = [dict(type='LocalVisBackend', _scope_='mmengine')]
visualizer = dict(type='Visualizer', vis_backends=vis_backends, _scope_='mmengine')
randomness = dict(seed=0, diff_rank_seed=False, deterministic=False)
log_level = 'INFO'
resume = False
load_from = None
work_dir = None
val_cfg = None
val_dataloader = None
val_evaluator = None
test_cfg = dict(type='TestLoop')
