"""Variant 2 of LTN: f* = f · Σ w_i d_i, attention (Eq. 5.4; Table 5.1)."""

time_overlay = dict(name='ltn-variant2', needs=('model.time.variant',), model=dict(time=dict(variant=2)))
