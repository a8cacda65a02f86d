"""Variant 1 of LTN: f* = f + ε, without directions (Eq. 5.3; Table 5.1)."""

time_overlay = dict(name='ltn-variant1', needs=('model.time.variant',), model=dict(time=dict(variant=1)))
