"""Pairs for motion retargeting from Mixamo as in the thesis (4.5.3): seven views, also in the test."""

_base_ = './motion_pairs_2d.py'

__dataset = dict(
    ann_file='{{$MMACTREP_DATA_ROOT:data}}/motion/mixamo',
    absent_hint='Make it with: python tools/data/prepare_mixamo.py --src MIXAMO',
)
__views = (-90, -60, -30, 0, 30, 60, 90)
train_dataloader = dict(batch_size=64, dataset=dict(__dataset, samples_per_window=1))
val_dataloader = dict(dataset=dict(__dataset, views=__views))
test_dataloader = val_dataloader
