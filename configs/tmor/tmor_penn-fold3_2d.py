"""T-MOR on procedural motions and ten classes of Penn Action; five are unseen (zero-shot, fold 3)."""

_base_ = '../_base_/recipes/tmor_zero_shot_2d.py'

train_dataloader = dict(
    sampler=dict(shares=(0.35, 0.25, 0.4)),
    dataset=dict(
        datasets=[_base_.motions, _base_.captioned, dict(_base_.penn, classes='penn_action/seen 3')]
    ),
)
