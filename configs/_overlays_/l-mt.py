"""The text loss of T-MOR alone: L_mt."""

loss_overlay = dict(
    name='l-mt',
    needs=('model.type=TMOR', 'train_dataloader.dataset.pipeline.pack', 'model.text_neck.type'),
    model=dict(motion_loss=False, video_teacher=None, video_neck=None, video_loss=None),
    train_dataloader=dict(dataset=dict(pipeline=dict(video=dict(_delete_=True)))),
)
