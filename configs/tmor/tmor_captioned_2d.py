"""T-MOR on procedural motions alone, with descriptions of their classes and sentences about each clip."""

_base_ = '../_base_/recipes/tmor_mixture_2d.py'

train_dataloader = dict(
    sampler=dict(shares=(0.5, 0.5)), dataset=dict(datasets=[_base_.motions, _base_.captioned])
)
