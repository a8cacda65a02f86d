"""1 + P clips of each video for pre-training without labels, far apart in time, with their times.

Crop, flip, colors and blur are drawn once for a clip (reference settings of MoCo on videos). Labelled videos
report the accuracy of nearest neighbors (KNNHook).
"""

_base_ = ['./videos.py', '../pretrain_runtime.py']

train_dataloader = dict(
    drop_last=True,
    dataset=dict(
        pipeline=dict(
            sample=dict(num_clips=5, spread='apart'),
            crop=dict(area=(0.2, 0.766), aspect=(3 / 4, 4 / 3)),
            jitter=dict(
                type='ClipColorJitter', brightness=0.6, contrast=0.6, saturation=0.6, hue=0.15, p=0.8
            ),
            gray=dict(type='ClipGray', p=0.2),
            blur=dict(type='ClipBlur', p=0.5),
        ),
    ),
)
__report = dict(_base_.val_dataloader, batch_size=16)
val_dataloader = None
test_dataloader = None
default_hooks = dict(
    knn=dict(type='KNNHook', interval=20, train_dataloader=__report, test_dataloader=__report)
)
