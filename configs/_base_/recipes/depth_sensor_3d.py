"""3D skeletons of one person from a depth sensor, see ``depth_sensor_2d.py``.

Meters, the root of the first frame at the origin, the person turned about the vertical to face +y. The
vertical is the sensor's: clips begin with people who sit or bend.
"""

_base_ = './depth_sensor_2d.py'

model = dict(backbone=dict(in_channels=3))
__pipeline = dict(
    project=dict(_delete_=True),
    normalize=dict(_delete_=True, type='AlignSkeleton3D', center='mid_hip', spine=None),
)
train_dataloader = dict(dataset=dict(pipeline=dict(__pipeline, rotate=dict(max_angle=(0.0, 0.0, 0.3)))))
val_dataloader = dict(dataset=dict(pipeline=__pipeline))
test_dataloader = val_dataloader
