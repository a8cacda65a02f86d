"""Procedural motion in the format of Posetics, by the recommended recipe: each clip in its own box."""

_base_ = './penn_2d_recommended.py'

dataset = dict(
    ann_file='{{$MMACTREP_DATA_ROOT:data}}/synthetic/2d',
    absent_hint='Make it with: '
    'python tools/data/make_standin.py --out data/synthetic/raw --train 6750 --test 900 && '
    'python tools/data/convert_posetics.py --src data/synthetic/raw --out data/synthetic/2d',
)
train_dataloader = dict(dataset=dict(split='train', **dataset))
val_dataloader = dict(dataset=dict(split='val', **dataset))
test_dataloader = val_dataloader
