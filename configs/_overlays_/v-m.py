"""T-MOR without text: L_mm + L_mv, self-supervised (Eq. 6.3, 6.4)."""

loss_overlay = dict(
    name='v-m',
    needs=('model.type=TMOR', 'train_dataloader.dataset.pipeline.pack', 'model.video_neck.type'),
    model=dict(text_teacher=None, text_neck=None, text_loss=None),
    train_dataloader=dict(dataset=dict(pipeline=dict(text=dict(_delete_=True)))),
)
