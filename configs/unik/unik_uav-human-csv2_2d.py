"""UNIK on UAV-Human, cross-subject 2."""

_base_ = './unik_uav-human-csv1_2d.py'

train_dataloader = dict(dataset=dict(split='csv2_train'))
val_dataloader = dict(dataset=dict(split='csv2_test'))
test_dataloader = val_dataloader
