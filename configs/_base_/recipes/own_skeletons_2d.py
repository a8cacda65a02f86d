"""The recommended recipe for your own skeletons in 2D (docs/tutorials/own-skeletons.md).

Each clip is normalized by its own box; frames are sampled over the whole clip; mirror, rotation and scale;
UNIK, cosine, bfloat16. A config that inherits it names the store, and the splits unless they are called train
and test. Settings that are None are read from the store: joints, classes, persons. So is the clip length, at
most 64 frames. A small training set is trained for more epochs.
"""

_base_ = [
    '../default_runtime.py',
    '../models/unik.py',
    '../datasets/skeletons.py',
    '../schedules/cosine_recommended.py',
]
layout = None
num_person = None
model = dict(
    backbone=dict(num_joints=None, num_person=num_person),
    cls_head=dict(num_classes=None, dropout=0.3, label_smooth_eps=0.1),
)
__store = dict(
    ann_file='data/mine/2d',
    absent_hint='ann_file in the config names the store; one of your own skeletons is written with '
    'SkeletonStoreWriter or mmactrep extract (docs/tutorials/own-skeletons.md)',
)
__sample = dict(type='UniformTemporalSample', length='auto', short='stretch')
train_dataloader = dict(
    dataset=dict(
        __store,
        split='train',
        pipeline=dict(
            normalize=dict(type='BoxNormalize'),
            sample=dict(__sample, jitter=True),
            mirror=dict(type='RandomMirror'),
            rotate=dict(type='RandomRotate', max_angle=0.3),
            scale=dict(type='RandomScale', scale=(0.8, 1.2)),
        ),
    ),
)
val_dataloader = dict(
    dataset=dict(
        __store,
        split='test',
        pipeline=dict(normalize=dict(type='BoxNormalize'), sample=dict(__sample, jitter=False)),
    ),
)
test_dataloader = val_dataloader
train_cfg = dict(type='LeastIterationsTrainLoop', min_iters=600)
