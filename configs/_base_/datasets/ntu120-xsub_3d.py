"""NTU RGB+D 120, cross-subject."""

_base_ = './ntu60-xsub_3d.py'

dataset = dict(
    ann_file='{{$MMACTREP_DATA_ROOT:data}}/ntu120/3d',
    absent_hint='Make it with: python tools/data/convert_ntu.py --src NTU/skeletons --num-classes 120',
)
train_dataloader = dict(dataset=dict(split='xsub_train', **dataset))
val_dataloader = dict(dataset=dict(split='xsub_val', **dataset))
test_dataloader = dict(dataset=dict(split='xsub_val', **dataset))
