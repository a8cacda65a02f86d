"""T-MOR on procedural motions, 21 classes of UTD-MHAD, and KARD and UTKinect without the 6 unseen classes.

Zero-shot, fold 4, on which settings are chosen: the other folds have seen all of its unseen classes.
"""

_base_ = '../_base_/recipes/tmor_zero_shot_2d.py'

train_dataloader = dict(
    sampler=dict(shares=(0.25, 0.15, 0.3, 0.2, 0.1)),
    dataset=dict(
        datasets=[
            _base_.motions,
            _base_.captioned,
            dict(_base_.utd_mhad, classes='utd_mhad/seen 4'),
            dict(_base_.kard, classes='kard/utd_mhad 4'),
            dict(_base_.utkinect, classes='utkinect/utd_mhad 4'),
        ]
    ),
)
