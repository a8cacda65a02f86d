"""One real TSU video: training on its first 60 %, test on the rest. It shows that the path runs, no more."""

_base_ = './segmentation_boxed_2d.py'

dataset = dict(
    ann_file='{{$MMACTREP_DATA_ROOT:data}}/tsu_sample/2d',
    absent_hint='Make it with: python tools/data/convert_tsu.py --src FOLDER --annotation JSON --out '
    'data/tsu_sample/2d',
)
train_dataloader = dict(dataset=dict(split=None, portion=(0, 0.6), window=300, stride=100, **dataset))
val_dataloader = dict(dataset=dict(split='cs_test', portion=(0.6, 1), window=300, stride=150, **dataset))
test_dataloader = val_dataloader
