"""PKU-MMD, cross-subject, two persons: windows of 300 frames (thesis 4.5.1).

Kinect's 25 joints are mapped to Posetics's 17, so that weights of a pre-training on Posetics fit.
"""

_base_ = './segmentation.py'

dataset = dict(
    ann_file='{{$MMACTREP_DATA_ROOT:data}}/pku_mmd/3d',
    absent_hint='Make it with: python tools/data/convert_pku_mmd.py --src SKELETONS --labels LABELS '
    '--cross-subject LIST',
)
train_pipeline = [
    dict(type='MapLayout', target='posetics17'),
    dict(type='AlignSkeleton3D'),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=2),
    dict(type='PackSegmentationInputs'),
]
test_pipeline = [
    dict(type='MapLayout', target='posetics17'),
    dict(type='AlignSkeleton3D'),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=2),
    dict(type='PackSegmentationInputs'),
]
train_dataloader = dict(dataset=dict(split='cs_train', pipeline=train_pipeline, **dataset))
val_dataloader = dict(dataset=dict(split='cs_test', pipeline=test_pipeline, **dataset))
test_dataloader = val_dataloader
