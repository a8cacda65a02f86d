"""P = 2 positive clips of each query (Table 5.2)."""

positives_overlay = dict(
    name='positives-2',
    needs=('model.time', 'train_dataloader.dataset.pipeline.sample.num_clips'),
    model=dict(num_positives=2),
    train_dataloader=dict(dataset=dict(pipeline=dict(sample=dict(num_clips=3)))),
)
