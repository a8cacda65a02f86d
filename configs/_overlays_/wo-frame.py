"""LAC without the frame loss (L1 of Table 4.7)."""

loss_overlay = dict(name='wo-frame', needs=('model.frame_neck',), model=dict(frame_neck=None))
