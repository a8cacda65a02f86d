"""LTN without orthogonalization of D_t, which is orthogonal at the start alone (Table 5.1)."""

time_overlay = dict(
    name='wo-orthogonal', needs=('model.time.variant',), model=dict(time=dict(orthogonal=False))
)
