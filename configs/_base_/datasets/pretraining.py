"""Clips for pre-training without labels, and labelled clips to report accuracy (KNNHook).

Missing joints are filled in. Coordinates are augmented inside the model, where the composed sequences are.
"""

_base_ = ['./skeletons.py', '../pretrain_runtime.py']

__filled = dict(fill=dict(type='FillMissingJoints'))
train_dataloader = dict(
    drop_last=True,
    dataset=dict(pipeline=dict(__filled, pack=dict(meta_keys=('frame_dir', 'sample_idx')))),
)
val_dataloader = None
test_dataloader = None

__report = dict(
    batch_size=64,
    num_workers=2,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='SkeletonDataset',
        test_mode=True,
        pipeline=dict(
            project=dict(),
            **__filled,
            layout=dict(),
            normalize=dict(),
            sample=dict(),
            stream=dict(type='SkeletonStream'),
            format=dict(type='FormatSkeleton', num_person=2),
            pack=dict(type='PackSkeletonInputs'),
        ),
    ),
)
default_hooks = dict(
    knn=dict(type='KNNHook', interval=10, train_dataloader=__report, test_dataloader=__report)
)
