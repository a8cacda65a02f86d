"""ViA on NTU RGB+D 120 without labels, cross-subject (Table 4.10, top)."""

_base_ = './via_ntu60-xsub_3d.py'

__dataset = dict(dataset=_base_.stores.ntu120)
train_dataloader = __dataset
default_hooks = dict(knn=dict(train_dataloader=__dataset, test_dataloader=__dataset))
