"""Procedural untrimmed sequences with co-occurring actions: windows of 128 frames, each in its own box."""

_base_ = './segmentation_boxed_2d.py'

dataset = dict(
    ann_file='{{$MMACTREP_DATA_ROOT:data}}/untrimmed/2d',
    absent_hint='Make it with: python tools/data/make_untrimmed.py (its help shows both commands)',
)
train_dataloader = dict(dataset=dict(split='cs_train', **dataset))
val_dataloader = dict(dataset=dict(split='cs_test', **dataset))
test_dataloader = val_dataloader
