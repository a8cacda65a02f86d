"""Linear evaluation: the backbone of a checkpoint stays as it is, a linear classifier is trained on it."""

_base_ = './finetune_2d.py'

custom_hooks = [dict(type='FreezeHook', modules=['backbone'])]
model_wrapper_cfg = dict(type='MMDistributedDataParallel', find_unused_parameters=True)
