"""What the data sets of pre-training share: how clips are read whose features are reported on."""

report_dataloader = dict(
    batch_size=64,
    num_workers=2,
    sampler=dict(type='DefaultSampler', shuffle=False),
)
