"""LAC's generator on Mixamo with the thesis's settings (4.5.3, Table 4.6)."""

_base_ = [
    '../_base_/models/lac_generator.py',
    '../_base_/datasets/motion_pairs_mixamo_2d.py',
    '../_base_/schedules/lac_generator.py',
]
__dataset = dict(dataset=dict(layout='motion15'))
train_dataloader = __dataset
val_dataloader = __dataset
test_dataloader = __dataset
