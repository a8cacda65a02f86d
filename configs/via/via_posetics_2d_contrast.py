"""ViA as contrast on Posetics in 2D (thesis 4.4): LAC without composition, at sequence level.

The positives show the same motion with other bodies and views. UNIK has its own strides, each person a box.
"""

_base_ = '../lac/lac_unik_posetics_2d.py'

__normalize = dict(type='BoxNormalize', per_person=True)
__dataset = dict(dataset=dict(pipeline=dict(normalize=__normalize)))
train_dataloader = __dataset
default_hooks = dict(knn=dict(train_dataloader=__dataset, test_dataloader=__dataset))
model = dict(
    backbone=dict(strides=(1, 1, 1, 1, 2, 1, 1, 2, 1, 1)),
    composer=dict(num_motions=1, normalize=__normalize),
    frame_neck=None,
)
