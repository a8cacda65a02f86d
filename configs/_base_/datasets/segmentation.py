"""What the data sets for segmentation share: windows for training, all windows in order for test."""

train_dataloader = dict(
    batch_size=16,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(type='SkeletonSegmentationDataset', stream='joint', window=300, balance=0.5),
)
val_dataloader = dict(
    batch_size=16,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(type='SkeletonSegmentationDataset', stream='joint', window=300, stride=150, test_mode=True),
)
test_dataloader = val_dataloader
