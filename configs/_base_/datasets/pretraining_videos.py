"""1 + P clips of each video for pre-training without labels, far apart in time, with their times.

Crop, flip, colors and blur are drawn once for a clip (reference settings of MoCo on videos). Labelled videos
report the accuracy of nearest neighbors (KNNHook). The pipelines have slots, see ``videos.py``.
"""

_base_ = ['./video_sets.py', '../pretrain_runtime.py']

# read in place of the videos; None: the folder 'cache' of the data set if there is one, False: none
video_cache = None
train_dataloader = dict(
    batch_size=8,  # of each of eight processes: 64 in all
    num_workers=8,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type='VideoClipDataset',
        pipeline=dict(
            open=dict(type='OpenVideo'),
            sample=dict(type='SampleVideoClips', length=8, stride=8, num_clips=5, spread='apart'),
            read=dict(type='ReadClipFrames'),
            resize=dict(),
            crop=dict(type='ClipResizedCrop', size=224, area=(0.2, 0.766), aspect=(3 / 4, 4 / 3)),
            flip=dict(type='ClipFlip'),
            jitter=dict(
                type='ClipColorJitter', brightness=0.6, contrast=0.6, saturation=0.6, hue=0.15, p=0.8
            ),
            gray=dict(type='ClipGray', p=0.2),
            blur=dict(type='ClipBlur', p=0.5),
            pack=dict(type='PackVideoClips'),
        ),
    ),
)
val_dataloader = None
test_dataloader = None

__report = dict(
    batch_size=16,
    num_workers=4,
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
default_hooks = dict(
    knn=dict(type='KNNHook', interval=20, train_dataloader=__report, test_dataloader=__report)
)
