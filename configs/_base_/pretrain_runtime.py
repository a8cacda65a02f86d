"""What pre-training configs share beside the default: nothing is validated (KNNHook reports)."""

_base_ = './default_runtime.py'

val_cfg = None
val_evaluator = None
test_cfg = None
test_evaluator = None
default_hooks = dict(checkpoint=dict(interval=10, save_best=None, max_keep_ckpts=2))
# Processes compose and augment each in its own way.
randomness = dict(seed=0, diff_rank_seed=True, deterministic=False)
