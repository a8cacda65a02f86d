"""Penn Action's clips chained into long sequences: windows of 128 frames, each in its own box."""

_base_ = './segmentation_boxed_2d.py'

dataset = dict(
    ann_file='{{$MMACTREP_DATA_ROOT:data}}/penn_chained/2d',
    absent_hint='Make it with: python tools/data/chain_penn_action.py',
)
train_dataloader = dict(dataset=dict(split='train', **dataset))
val_dataloader = dict(dataset=dict(split='test', **dataset))
test_dataloader = val_dataloader
