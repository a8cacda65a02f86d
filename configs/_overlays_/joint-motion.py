"""The movement of joints from frame to frame, instead of joints."""

stream_overlay = dict(
    name='joint-motion',
    needs=('train_dataloader.dataset.stream', 'val_dataloader.dataset.stream'),
    train_dataloader=dict(dataset=dict(stream='motion')),
    val_dataloader=dict(dataset=dict(stream='motion')),
    test_dataloader=dict(dataset=dict(stream='motion')),
)
