"""ViA on Posetics in 3D without labels, after ``via_library_3d.py``.

The axes are those of the camera, as in the library: bodies turned upright and to the front, as UNIK takes
them, would hide the views that ViA is to abstract from.
"""

_base_ = './via_posetics_2d.py'

__dataset = dict(dataset=_base_.stores.posetics_3d)
train_dataloader = __dataset
default_hooks = dict(knn=dict(train_dataloader=__dataset, test_dataloader=__dataset))
model = dict(generator=dict(in_channels=3, backbone=dict(in_channels=3)))
pretrained = 'checkpoints/via_library_3d.pth'
