"""UNIK on UTD-MHAD's skeletons seen by cameras: odd subjects before three of them, even ones before others.

Cross-subject and cross-view at once. Cameras of the training stand before the person, at most 30 degrees to
either side; those of the test farther round, and higher. Each test clip is seen by each of them.
"""

_base_ = '../_base_/recipes/cross_view_2d.py'

model = dict(cls_head=dict(num_classes=27))
__train = [dict(yaw=yaw, pitch=5.0, distance=3.0) for yaw in (-30.0, 0.0, 30.0)]
__test = [dict(yaw=yaw, pitch=20.0, distance=4.0) for yaw in (-90.0, -60.0, 60.0, 90.0)]
train_dataloader = dict(
    dataset=dict(
        _base_.stores.utd_mhad,
        split='xsub_train',
        pipeline=dict(project=dict(type='ProjectToCamera', cameras=__train)),
    )
)
val_dataloader = dict(
    dataset=dict(
        _base_.stores.utd_mhad,
        split='xsub_test',
        repeat_each=4,
        pipeline=dict(project=dict(type='ProjectToCamera', cameras=__test)),
    )
)
test_dataloader = val_dataloader
