"""Pairs for motion retargeting from Mixamo by its protocol: seven views in training and test alike."""

_base_ = './motion_pairs_synthetic_2d.py'

dataset = dict(
    ann_file='{{$MMACTREP_DATA_ROOT:data}}/motion/mixamo',
    layout='motion15',
    absent_hint='Make it with: python tools/data/prepare_mixamo.py --src MIXAMO',
)
views = (-90, -60, -30, 0, 30, 60, 90)
train_dataloader = dict(dataset=dict(samples_per_window=1, **dataset))
val_dataloader = dict(dataset=dict(views=views, **dataset))
test_dataloader = val_dataloader
