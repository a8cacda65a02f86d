"""Cross-view recognition of 3D skeletons in their camera's frame, see ``cross_view_2d.py``.

A random rotation about the vertical, y, is the plain way to views that were not filmed.
"""

_base_ = './cross_view_2d.py'

layout = None  # that of the store
model = dict(backbone=dict(in_channels=3, num_joints=None))
__pipeline = dict(layout=dict(_delete_=True))
train_dataloader = dict(
    dataset=dict(pipeline=dict(__pipeline, rotate=dict(max_angle=(0.3, 3.1416, 0.3)))),
)
val_dataloader = dict(dataset=dict(pipeline=__pipeline))
test_dataloader = val_dataloader
