"""ViA on Mixamo with crossed ground truth, from seven views (Table 4.13), in the joints of Posetics."""

_base_ = [
    '../_base_/models/via.py',
    '../_base_/datasets/motion_pairs_mixamo_2d.py',
    '../_base_/schedules/lac_generator.py',
]
