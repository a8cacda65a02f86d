"""Random rotation of the training data in the image plane, for 2D skeletons without a third dimension."""

view_overlay = dict(
    name='random-roll',
    needs=('train_dataloader.dataset.pipeline.rotate.type=RandomRotate', 'model.backbone.in_channels=2'),
    train_dataloader=dict(dataset=dict(pipeline=dict(rotate=dict(max_angle=0.8)))),
)
