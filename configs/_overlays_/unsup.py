"""ViA on a motion library without its ground truth, as on target data ("Unsup." of Table 4.13)."""

supervision_overlay = dict(
    name='unsup',
    needs=('model.type=MotionRetargeter', 'model.generator.num_static'),
    model=dict(type='ViA'),
)
