"""Base of all data sets for segmentation: windows for training, all windows in order for test.

Coordinates are raw screen coordinates; ``segmentation_boxed_2d.py`` normalizes each window by its own box.
"""

_base_ = './stores.py'

__pipeline = dict(
    fill=dict(),  # of missing joints
    layout=dict(),  # mapping to another one
    normalize=dict(type='ScreenNormalize'),
    move=dict(),
    mirror=dict(),
    rotate=dict(),
    scale=dict(),
    stream=dict(type='SkeletonStream'),
    format=dict(type='FormatSkeleton', num_person=1),
    pack=dict(type='PackSegmentationInputs'),
)
train_dataloader = dict(
    batch_size=16,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='EpochSampler', shuffle=True),
    dataset=dict(
        type='SkeletonSegmentationDataset', stream='joint', window=300, balance=0.5, pipeline=__pipeline
    ),
)
val_dataloader = dict(
    batch_size=16,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='SkeletonSegmentationDataset',
        stream='joint',
        window=300,
        stride=150,
        test_mode=True,
        pipeline=__pipeline,
    ),
)
test_dataloader = val_dataloader
