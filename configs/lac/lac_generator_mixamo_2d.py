"""LAC's generator on Mixamo with the thesis's settings (4.5.3, Table 4.6)."""

_base_ = [
    '../_base_/models/lac_generator.py',
    '../_base_/datasets/motion_pairs_mixamo_2d.py',
    '../_base_/schedules/lac_generator.py',
]
train_dataloader = dict(batch_size=64)
