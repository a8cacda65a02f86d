"""ViA on NTU RGB+D 60 without labels, cross-view (Table 4.10, top)."""

_base_ = './via_ntu60-xsub_3d.py'

__train = dict(dataset=dict(split='xview_train'))
train_dataloader = __train
default_hooks = dict(
    knn=dict(train_dataloader=__train, test_dataloader=dict(dataset=dict(split='xview_val')))
)
