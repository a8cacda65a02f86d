"""Base of all data sets of clips: the loaders, and a pipeline with slots to fill.

The slots have names so that a config or an option can address them; an empty slot does nothing.
"""

_base_ = './stores.py'

__pipeline = dict(
    project=dict(),  # 3D skeletons to images
    fill=dict(),  # of missing joints
    layout=dict(),  # mapping to another one
    normalize=dict(),
    sample=dict(),  # of frames
    move=dict(),
    mirror=dict(),
    rotate=dict(),
    scale=dict(),
    persons=dict(),  # their order
    video=dict(),  # features of teachers, for T-MOR
    text=dict(),
    stream=dict(type='SkeletonStream'),
    format=dict(type='FormatSkeleton', num_person=2),
    pack=dict(type='PackSkeletonInputs'),
)
train_dataloader = dict(
    batch_size=16,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='EpochSampler', shuffle=True),
    dataset=dict(type='SkeletonDataset', stream='joint', pipeline=__pipeline),
)
val_dataloader = dict(
    batch_size=16,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(type='SkeletonDataset', stream='joint', test_mode=True, pipeline=__pipeline),
)
test_dataloader = val_dataloader
