"""T-MOR on all that has texts here: procedural motions, Penn Action, UTD-MHAD, KARD and UTKinect.

The checkpoint in ``demo/checkpoints/tmor_unik_2d.pth`` is of this config. Test subjects and test clips of the
data sets are left out. The encoder starts from LAC's, which comes with the repository.
"""

_base_ = '../_base_/recipes/tmor_mixture_2d.py'

train_dataloader = dict(
    sampler=dict(shares=(0.25, 0.2, 0.25, 0.15, 0.1, 0.05), samples=4800),
    dataset=dict(
        datasets=[
            _base_.motions,
            _base_.captioned,
            _base_.penn,
            _base_.utd_mhad,
            dict(_base_.kard, split='xsub_train'),
            dict(_base_.utkinect, split='xsub_train'),
        ]
    ),
)
load_from = 'demo/checkpoints/lac_unik_penn_2d.pth'
train_cfg = dict(max_epochs=10)
