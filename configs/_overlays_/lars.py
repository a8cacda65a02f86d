"""LARS, as BYOL is optimized in the thesis: 1.2 for batches of 64 and P = 4, weight decay 1e-6."""

optimizer_overlay = dict(
    name='lars',
    needs=('model.type=VideoBYOL', 'optim_wrapper.optimizer'),
    optim_wrapper=dict(
        optimizer=dict(_delete_=True, type='LARS', lr=1.2, momentum=0.9, weight_decay=1e-6),
        paramwise_cfg=dict(norm_decay_mult=0.0, bias_decay_mult=0.0),
    ),
)
