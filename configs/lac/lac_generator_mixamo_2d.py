"""LAC's generator on Mixamo with the thesis's settings (4.5.3, Table 4.6): seven views, also in the test."""

_base_ = [
    '../_base_/models/lac_generator.py',
    '../_base_/datasets/motion_pairs_2d.py',
    '../_base_/schedules/lac_generator.py',
]
__dataset = dict(
    ann_file='{{$MMACTREP_DATA_ROOT:data}}/motion/mixamo',
    absent_hint='Make it with: python tools/data/prepare_mixamo.py --src MIXAMO',
    layout='motion15',
)
__views = (-90, -60, -30, 0, 30, 60, 90)
train_dataloader = dict(batch_size=64, dataset=dict(__dataset, samples_per_window=1))
val_dataloader = dict(dataset=dict(__dataset, views=__views))
test_dataloader = val_dataloader
