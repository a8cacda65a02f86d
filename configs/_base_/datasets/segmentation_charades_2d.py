"""Charades: windows of 64 frames (thesis 4.5.1)."""

_base_ = './segmentation_tsu-cs_2d.py'

dataset = dict(
    ann_file='{{$MMACTREP_DATA_ROOT:data}}/charades/2d',
    absent_hint='Make it with: python tools/data/convert_charades.py --src POSES --annotation CHARADES.json',
)
train_dataloader = dict(dataset=dict(split='train', window=64, **dataset))
val_dataloader = dict(dataset=dict(split='test', window=64, stride=32, **dataset))
test_dataloader = val_dataloader
