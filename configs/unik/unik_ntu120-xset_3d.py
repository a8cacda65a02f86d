"""UNIK on NTU RGB+D 120, cross-setup: trained on even setups."""

_base_ = './unik_ntu120-xsub_3d.py'

train_dataloader = dict(dataset=dict(split='xset_train'))
val_dataloader = dict(dataset=dict(split='xset_val'))
test_dataloader = val_dataloader
