"""The motion loss of T-MOR alone: L_mm (Table 6.7)."""

loss_overlay = dict(
    name='l-mm',
    needs=('model.type=TMOR', 'train_dataloader.dataset.pipeline.pack'),
    model=dict(
        video_teacher=None,
        video_neck=None,
        video_loss=None,
        text_teacher=None,
        text_neck=None,
        text_loss=None,
    ),
    train_dataloader=dict(dataset=dict(pipeline=dict(video=dict(_delete_=True), text=dict(_delete_=True)))),
)
