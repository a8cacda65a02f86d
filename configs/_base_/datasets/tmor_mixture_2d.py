"""What T-MOR can be trained on here: clips of 64 frames in 2D with texts, each data set as one entry.

Procedural motions come twice, with descriptions of their classes and with sentences about each clip. Real 3D
skeletons are seen by cameras in front of the person. A config that inherits it makes ``train_dataloader`` of
these entries; ``repeat_each`` balances them. Features of texts lie where ``tools/extract_features.py`` writes
them.
"""

_base_ = './stores.py'

__teacher = 'minilm'
__steps = dict(
    fill=dict(type='FillMissingJoints'),
    layout=dict(type='MapLayout', target='posetics17'),
    normalize=dict(type='BoxNormalize'),
    sample=dict(type='UniformTemporalSample', length=64, short='stretch', num_clips=2, least_share=0.6),
)
__rest = dict(
    stream=dict(type='SkeletonStream'),
    format=dict(type='FormatSkeleton', num_person=1),
    pack=dict(
        type='PackSkeletonInputs', meta_keys=('frame_dir', 'sample_idx', 'text_features', 'text_category')
    ),
)
__cameras = dict(
    project=dict(
        type='ProjectToCamera',
        cameras=[dict(yaw=(-60.0, 60.0), pitch=(-5.0, 20.0), distance=(2.5, 6.0))],
    )
)
__text = dict(type='LoadTeacherFeatures', kind='text', teacher=__teacher)
__classes = f'_features/{__teacher}_text'
__captions = f'_features/{__teacher}_captions'


captioned = dict(
    type='SkeletonDataset',
    **_base_.stores.captioned,
    split='train',
    pipeline=dict(**__steps, text=dict(__text, root=_base_.stores.captioned.ann_file + __captions), **__rest),
)
motions = dict(
    type='SkeletonDataset',
    **_base_.stores.captioned,
    split='train_actions',
    pipeline=dict(**__steps, text=dict(__text, root=_base_.stores.captioned.ann_file + __classes), **__rest),
)
penn = dict(
    type='SkeletonDataset',
    **_base_.stores.penn,
    split='train',
    pipeline=dict(**__steps, text=dict(__text, root=_base_.stores.penn.ann_file + __classes), **__rest),
)
utd_mhad = dict(
    type='SkeletonDataset',
    **_base_.stores.utd_mhad,
    split='xsub_train',
    pipeline=dict(
        **__cameras,
        **__steps,
        text=dict(__text, root=_base_.stores.utd_mhad.ann_file + __classes),
        **__rest,
    ),
)
utkinect = dict(
    type='SkeletonDataset',
    **_base_.stores.utkinect,
    pipeline=dict(
        **__cameras,
        **__steps,
        text=dict(__text, root=_base_.stores.utkinect.ann_file + __classes),
        **__rest,
    ),
)
kard = dict(
    type='SkeletonDataset',
    **_base_.stores.kard,
    pipeline=dict(
        **__cameras, **__steps, text=dict(__text, root=_base_.stores.kard.ann_file + __classes), **__rest
    ),
)
