"""ViA on NTU RGB+D 60 without labels, for linear evaluation on itself, cross-subject (Table 4.10, top)."""

_base_ = './via_posetics_3d.py'

__pipeline = dict(
    # the frame of Kinect's camera, turned into that of the library
    project=dict(type='ProjectToCamera', cameras=[dict(yaw=0.0)], dims=3),
    layout=dict(type='MapLayout', target='posetics17'),
)
__train = dict(dataset=dict(_base_.stores.ntu60, split='xsub_train', pipeline=__pipeline))
__test = dict(dataset=dict(_base_.stores.ntu60, split='xsub_val', pipeline=__pipeline))
train_dataloader = __train
default_hooks = dict(knn=dict(train_dataloader=__train, test_dataloader=__test))
