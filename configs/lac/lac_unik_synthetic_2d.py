"""LAC on procedural motions without labels, sized for two cores.

Windows of 64 consecutive frames, each normalized by its own box, as in segmentation.
"""

_base_ = [
    '../_base_/datasets/pretraining.py',
    '../_base_/models/lac_unik_small.py',
    '../_base_/schedules/lac_pretrain_small.py',
]
# cut first, then normalize by the box of the window
__sample = dict(type='RandomTemporalCrop', length=64)
__normalize = dict(type='BoxNormalize')
__rest = dict(
    normalize=__normalize,
    stream=dict(type='SkeletonStream'),
    format=dict(type='FormatSkeleton', num_person=1),
)
__fill = dict(type='FillMissingJoints')
train_dataloader = dict(
    batch_size=32,
    dataset=dict(
        _base_.stores.synthetic,
        split='train',
        pipeline=dict(
            _delete_=True,
            fill=__fill,
            sample=__sample,
            **__rest,
            pack=dict(type='PackSkeletonInputs', meta_keys=('frame_dir', 'sample_idx')),
        ),
    ),
)
__report = dict(
    _base_.stores.synthetic,
    pipeline=dict(
        _delete_=True,
        fill=__fill,
        sample=dict(__sample, test_mode=True),
        **__rest,
        pack=dict(type='PackSkeletonInputs'),
    ),
)
default_hooks = dict(
    knn=dict(
        train_dataloader=dict(dataset=dict(__report, split='train', labelled_fraction=0.2)),
        test_dataloader=dict(dataset=dict(__report, split='val')),
        interval=2,
    ),
    checkpoint=dict(interval=2),
)
model = dict(composer=dict(normalize=__normalize))
train_cfg = dict(max_epochs=4)
