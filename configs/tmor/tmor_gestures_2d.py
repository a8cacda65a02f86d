"""T-MOR on procedural motions, UTD-MHAD, KARD and UTKinect, for a transfer to data sets not among them."""

_base_ = '../_base_/recipes/tmor_mixture_2d.py'

train_dataloader = dict(
    sampler=dict(shares=(0.3, 0.2, 0.25, 0.15, 0.1), samples=4800),
    dataset=dict(
        datasets=[
            _base_.motions,
            _base_.captioned,
            _base_.utd_mhad,
            dict(_base_.kard, split='xsub_train'),
            dict(_base_.utkinect, split='xsub_train'),
        ]
    ),
)
train_cfg = dict(max_epochs=10)
