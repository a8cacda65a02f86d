"""Base of all data sets of videos for recognition: the loaders, and a pipeline with slots to fill.

The slots have names so that a config or an option can address them; an empty slot does nothing. One clip of
the middle is validated while training; the test has ten clips with three crops each.
"""

_base_ = './video_sets.py'

# read in place of the videos; None: the folder 'cache' of the data set if there is one, False: none
video_cache = None

__loader = dict(num_workers=8, persistent_workers=True)
__sample = dict(type='SampleVideoClips', length=8, stride=8)
__open, __read = dict(type='OpenVideo'), dict(type='ReadClipFrames')
__pack = dict(type='PackVideoClips')
train_dataloader = dict(
    __loader,
    batch_size=8,  # of each of eight processes: 64 in all
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type='VideoClipDataset',
        pipeline=dict(
            open=__open,
            sample=dict(__sample, num_clips=1),
            read=__read,
            resize=dict(),
            crop=dict(type='ClipResizedCrop', size=224),
            flip=dict(type='ClipFlip'),
            jitter=dict(),
            gray=dict(),
            blur=dict(),
            pack=__pack,
        ),
    ),
)
__tested = dict(
    open=__open,
    sample=dict(__sample, num_clips=1, spread='even'),
    read=__read,
    resize=dict(type='Resize', scale=(-1, 256)),
    crop=dict(type='CenterCrop', crop_size=224),
    pack=__pack,
)
val_dataloader = dict(
    __loader,
    batch_size=32,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(type='VideoClipDataset', test_mode=True, pipeline=__tested),
)
__views = dict(sample=dict(__sample, num_clips=10, spread='even'), crop=dict(type='ThreeCrop', crop_size=256))
test_dataloader = dict(
    val_dataloader,
    batch_size=2,
    dataset=dict(type='VideoClipDataset', test_mode=True, pipeline=dict(__tested, **__views)),
)
