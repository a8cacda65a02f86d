"""ViA as contrast (thesis 4.4): the same motion with other bodies and views; no composition, no frames."""

loss_overlay = dict(
    name='contrast',
    needs=('model.type=LAC', 'model.frame_neck'),
    model=dict(composer=dict(num_motions=1), frame_neck=None),
)
