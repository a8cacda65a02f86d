"""The visual loss of T-MOR alone: L_mv (Table 6.7)."""

loss_overlay = dict(
    name='l-mv',
    needs=('model.type=TMOR', 'train_dataloader.dataset.pipeline.pack', 'model.video_neck.type'),
    model=dict(motion_loss=False, text_teacher=None, text_neck=None, text_loss=None),
    train_dataloader=dict(dataset=dict(pipeline=dict(text=dict(_delete_=True)))),
)
