"""LAC on Toyota Smarthome Untrimmed itself, no labels, no further data (thesis, Table 4.8)."""

_base_ = [
    '../_base_/pretrain_runtime.py',
    '../_base_/models/lac_unik.py',
    '../_base_/datasets/lac_tsu_2d.py',
    '../_base_/schedules/lac_pretrain.py',
]
model = dict(backbone=dict(num_person=1), clip_length=300)
