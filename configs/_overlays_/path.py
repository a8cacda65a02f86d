"""A path loss: the motion generator must also reproduce the path of the root."""

loss_overlay = dict(name='path', needs=('model.type=MotionRetargeter',), model=dict(path_weight=1.0))
