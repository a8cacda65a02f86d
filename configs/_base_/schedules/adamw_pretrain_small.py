"""Contrast with AdamW, sized for two cores: half a cosine after a warm-up, bfloat16.

With SGD at 0.05 the loss of small queues falls at first and then rises again.
"""

_base_ = './lac_pretrain_small.py'

optim_wrapper = dict(optimizer=dict(_delete_=True, type='AdamW', lr=3e-3, weight_decay=0.05))
