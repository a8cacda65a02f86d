"""Bones, each child joint minus its parent, instead of joints (the thesis fuses both streams, 3.7.1)."""

stream_overlay = dict(
    name='bone',
    needs=('train_dataloader.dataset.stream', 'val_dataloader.dataset.stream'),
    train_dataloader=dict(dataset=dict(stream='bone')),
    val_dataloader=dict(dataset=dict(stream='bone')),
    test_dataloader=dict(dataset=dict(stream='bone')),
)
