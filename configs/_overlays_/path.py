"""A motion generator that also has to bring the root where it goes: a loss of the path."""

loss_overlay = dict(name='path', needs=('model.generator',), model=dict(path_weight=1.0))
