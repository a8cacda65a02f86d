"""UNIK on the images of Northwestern-UCLA's skeletons: sensors 1 and 2 train, 3 tests.

The test is without copies of training clips, which the release has: 369 of 464 clips, of 8 of the 10 actions.
No action has a side, so the mirror is in.
"""

_base_ = '../_base_/recipes/cross_view_2d.py'

model = dict(cls_head=dict(num_classes=10))
__pipeline = dict(project=dict(type='ProjectToSensor'))
train_dataloader = dict(
    dataset=dict(
        _base_.stores.nw_ucla,
        split='xview_train',
        pipeline=dict(__pipeline, mirror=dict(type='RandomMirror')),
    )
)
val_dataloader = dict(dataset=dict(_base_.stores.nw_ucla, split='xview_test_distinct', pipeline=__pipeline))
test_dataloader = val_dataloader
train_cfg = dict(max_epochs=10, val_interval=10)
