"""ViA on NTU RGB+D 120 without labels, cross-setup (Table 4.10, top)."""

_base_ = './via_ntu120-xsub_3d.py'

__train = dict(dataset=dict(split='xset_train'))
train_dataloader = __train
default_hooks = dict(knn=dict(train_dataloader=__train, test_dataloader=dict(dataset=dict(split='xset_val'))))
