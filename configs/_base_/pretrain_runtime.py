"""Base of all pre-training configs: no validation (KNNHook reports accuracy)."""

_base_ = './default_runtime.py'

val_cfg = None
val_evaluator = None
test_cfg = None
test_evaluator = None
default_hooks = dict(checkpoint=dict(interval=10, save_best=None, max_keep_ckpts=2))
# Each process composes and augments differently.
randomness = dict(seed=0, diff_rank_seed=True, deterministic=False)
