"""Base of all data sets of videos for recognition: the loaders, and a pipeline with slots to fill.

The slots have names so that a config or an option can address them; an empty slot does nothing.
"""

_base_ = './video_sets.py'

# read in place of the videos; None: the folder 'cache' of the data set if there is one, False: none
video_cache = None
__read = dict(
    open=dict(type='OpenVideo'),
    sample=dict(type='SampleVideoClips', length=8, stride=8, num_clips=1),
    read=dict(type='ReadClipFrames'),
)
__colors = dict(jitter=dict(), gray=dict(), blur=dict())
train_dataloader = dict(
    batch_size=8,  # of each of eight processes: 64 in all
    num_workers=8,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type='VideoClipDataset',
        pipeline=dict(
            **__read,
            resize=dict(),
            crop=dict(type='ClipResizedCrop', size=224),
            flip=dict(type='ClipFlip'),
            **__colors,
            pack=dict(type='PackVideoClips'),
        ),
    ),
)
# one clip of the middle while training, as usual; ten clips with three crops each in the test
val_dataloader = dict(
    batch_size=32,
    num_workers=8,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='VideoClipDataset',
        test_mode=True,
        pipeline=dict(
            open=dict(type='OpenVideo'),
            sample=dict(type='SampleVideoClips', length=8, stride=8, num_clips=1, spread='even'),
            read=dict(type='ReadClipFrames'),
            resize=dict(type='Resize', scale=(-1, 256)),
            crop=dict(type='CenterCrop', crop_size=224),
            pack=dict(type='PackVideoClips'),
        ),
    ),
)
test_dataloader = dict(
    batch_size=2,
    num_workers=8,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='VideoClipDataset',
        test_mode=True,
        pipeline=dict(
            open=dict(type='OpenVideo'),
            sample=dict(type='SampleVideoClips', length=8, stride=8, num_clips=10, spread='even'),
            read=dict(type='ReadClipFrames'),
            resize=dict(type='Resize', scale=(-1, 256)),
            crop=dict(type='ThreeCrop', crop_size=256),
            pack=dict(type='PackVideoClips'),
        ),
    ),
)
