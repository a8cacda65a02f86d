"""Cross-view recognition of 2D skeletons that are projected from 3D ones: a UNIK of half the width.

The input is that of ``unik_penn_2d_small.py`` and of the small encoders of LAC and ViA: posetics17, missing
joints filled in, 64 frames in their own box. A config that inherits it names store, splits, classes and
the transform ``project`` of its loaders. No mirror: it turns a swipe to the left into one to the right.
"""

_base_ = './own_skeletons_2d.py'

layout = 'posetics17'
num_person = 1
model = dict(
    backbone=dict(num_joints=17, num_person=1, channels=(32, 32, 32, 32, 64, 64, 64, 128, 128, 128)),
    cls_head=dict(in_channels=128, dropout=0.1),
)
__pipeline = dict(
    fill=dict(type='FillMissingJoints'),
    layout=dict(type='MapLayout', target='posetics17'),
    sample=dict(length=64),
    format=dict(num_person=1),
)
train_dataloader = dict(dataset=dict(pipeline=dict(__pipeline, mirror=dict(_delete_=True))))
val_dataloader = dict(dataset=dict(pipeline=__pipeline))
test_dataloader = val_dataloader
# the test split chooses nothing: it is measured once, after the last epoch
train_cfg = dict(max_epochs=30, val_interval=30)
