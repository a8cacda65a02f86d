"""Toyota Smarthome Untrimmed, cross-view: windows of 300 frames (thesis 4.5.1)."""

_base_ = './segmentation.py'

dataset = dict(
    ann_file='{{$MMACTREP_DATA_ROOT:data}}/tsu/2d',
    absent_hint='Make it with: python tools/data/convert_tsu.py --src TSU_POSES --annotation TSU.json',
)
train_pipeline = [
    dict(type='ScreenNormalize'),
    dict(type='RandomMove'),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=1),
    dict(type='PackSegmentationInputs'),
]
test_pipeline = [
    dict(type='ScreenNormalize'),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=1),
    dict(type='PackSegmentationInputs'),
]
train_dataloader = dict(dataset=dict(split='cv_train', pipeline=train_pipeline, **dataset))
val_dataloader = dict(dataset=dict(split='cv_test', pipeline=test_pipeline, **dataset))
test_dataloader = val_dataloader
