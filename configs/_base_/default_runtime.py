"""Base of every config: scope, hooks, logging, seeds."""

default_scope = 'mmactrep'

default_hooks = dict(
    runtime_info=dict(type='RuntimeInfoHook'),
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=20, ignore_last=False),
    param_scheduler=dict(type='ParamSchedulerHook'),
    checkpoint=dict(
        type='CheckpointHook', interval=1, save_best='acc/top1', rule='greater', max_keep_ckpts=3
    ),
    sampler_seed=dict(type='DistSamplerSeedHook'),
    sync_buffers=dict(type='SyncBuffersHook'),
    sample_seed=dict(type='SampleSeedHook'),
    random_state=dict(type='RandomStateHook'),
    plain_checkpoint=dict(type='PlainCheckpointHook'),
    dataset_check=dict(type='DatasetCheckHook'),
    schedule_check=dict(type='ScheduleCheckHook'),
    overlay_check=dict(type='OverlayCheckHook'),
)

env_cfg = dict(
    cudnn_benchmark=False,
    mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0),
    dist_cfg=dict(backend='nccl'),
)

log_processor = dict(type='LogProcessor', window_size=20, by_epoch=True)
vis_backends = [dict(type='LocalVisBackend')]
visualizer = dict(type='ActionVisualizer', vis_backends=vis_backends)

randomness = dict(seed=0, diff_rank_seed=False, deterministic=False)
log_level = 'INFO'
resume = False
work_dir = None

val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
val_evaluator = dict(type='ClassificationMetric')
test_evaluator = dict(type='ClassificationMetric')
