"""UNIK with one-hot labels on procedural motions and ten classes of Penn Action: T-MOR's baseline, fold 1."""

_base_ = '../_base_/recipes/one_hot_zero_shot_2d.py'

__labels = dict(label_classes='procedural + penn_action/seen 1')
model = dict(cls_head=dict(num_classes=54))
train_dataloader = dict(
    sampler=dict(shares=(0.6, 0.4)),
    dataset=dict(
        datasets=[
            dict(_base_.motions, classes='procedural', **__labels),
            dict(_base_.penn, classes='penn_action/seen 1', **__labels),
        ]
    ),
)
test_dataloader = dict(dataset=dict(_base_.penn_test, classes='penn_action/seen 1', **__labels))
val_dataloader = test_dataloader
