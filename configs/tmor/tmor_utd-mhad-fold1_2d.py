"""T-MOR on procedural motions, 20 classes of UTD-MHAD, and KARD and UTKinect without the 7 unseen classes.

Zero-shot, fold 1.
"""

_base_ = '../_base_/recipes/tmor_zero_shot_2d.py'

train_dataloader = dict(
    sampler=dict(shares=(0.25, 0.15, 0.3, 0.2, 0.1)),
    dataset=dict(
        datasets=[
            _base_.motions,
            _base_.captioned,
            dict(_base_.utd_mhad, classes='utd_mhad/seen 1'),
            dict(_base_.kard, classes='kard/utd_mhad 1'),
            dict(_base_.utkinect, classes='utkinect/utd_mhad 1'),
        ]
    ),
)
