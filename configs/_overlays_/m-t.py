"""T-MOR without video: L_mm + L_mt."""

loss_overlay = dict(
    name='m-t',
    needs=(
        'model.type=TMOR',
        'train_dataloader.dataset.pipeline.pack',
        'model.video_neck.type',
        'model.text_neck.type',
    ),
    model=dict(video_teacher=None, video_neck=None, video_loss=None),
    train_dataloader=dict(dataset=dict(pipeline=dict(video=dict(_delete_=True)))),
)
