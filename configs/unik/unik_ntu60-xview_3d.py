"""UNIK on NTU RGB+D 60, cross-view: trained on cameras 2 and 3."""

_base_ = './unik_ntu60-xsub_3d.py'

train_dataloader = dict(dataset=dict(split='xview_train'))
val_dataloader = dict(dataset=dict(split='xview_val'))
test_dataloader = val_dataloader
