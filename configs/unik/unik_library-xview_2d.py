"""UNIK on actions of the motion library: other characters and performances before cameras never seen.

Cameras of the training stand within 40 degrees before the person, those of the test to the left, to the right
and behind, and higher. Each test clip is seen by one of each.
"""

_base_ = '../_base_/recipes/cross_view_2d.py'

model = dict(cls_head=dict(num_classes=60))
__camera = dict(roll=(-5.0, 5.0), distance=(5.0, 8.0))
__train = [dict(__camera, yaw=(-40.0, 40.0), pitch=(-5.0, 10.0))]
__test = [
    dict(__camera, yaw=yaw, pitch=(10.0, 30.0)) for yaw in ((-110.0, -70.0), (70.0, 110.0), (150.0, 210.0))
]
train_dataloader = dict(
    dataset=dict(
        _base_.stores.library,
        split='xview_train',
        pipeline=dict(project=dict(type='ProjectToCamera', cameras=__train, axes='library')),
    )
)
val_dataloader = dict(
    dataset=dict(
        _base_.stores.library,
        split='xview_test',
        repeat_each=3,
        pipeline=dict(project=dict(type='ProjectToCamera', cameras=__test, axes='library')),
    )
)
test_dataloader = val_dataloader
train_cfg = dict(max_epochs=17, val_interval=17)
