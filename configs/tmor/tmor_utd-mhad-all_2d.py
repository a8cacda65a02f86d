"""T-MOR on procedural motions and all classes of UTD-MHAD; KARD as a whole is unseen (zero-shot)."""

_base_ = '../_base_/recipes/tmor_zero_shot_2d.py'

train_dataloader = dict(
    sampler=dict(shares=(0.35, 0.25, 0.4)),
    dataset=dict(datasets=[_base_.motions, _base_.captioned, _base_.utd_mhad]),
)
