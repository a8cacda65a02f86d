"""The movement of bones from frame to frame, instead of joints."""

stream_overlay = dict(
    name='bone-motion',
    needs=('train_dataloader.dataset.stream', 'val_dataloader.dataset.stream'),
    train_dataloader=dict(dataset=dict(stream='bone_motion')),
    val_dataloader=dict(dataset=dict(stream='bone_motion')),
    test_dataloader=dict(dataset=dict(stream='bone_motion')),
)
