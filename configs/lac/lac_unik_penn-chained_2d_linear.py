"""LAC on chained Penn Action clips: linear evaluation (thesis, Table 4.5)."""

_base_ = ['../unik/unik_penn-chained_2d.py', '../_overlays_/linear.py']

model = dict(cls_head=dict(dropout=0.0))
# a classifier alone is stable at ten times the rate, and needs it in so few steps
optim_wrapper = dict(optimizer=dict(lr=0.5, weight_decay=0.0))
