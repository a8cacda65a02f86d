"""LAC on sensors 1 and 2 of Northwestern-UCLA without labels, after Penn Action."""

_base_ = [
    '../_base_/datasets/pretraining_nw-ucla_2d.py',
    '../_base_/models/lac_unik_small.py',
    '../_base_/schedules/lac_pretrain_small.py',
]
model = dict(composer=dict(normalize=_base_.train_dataloader.dataset.pipeline.normalize))
load_from = 'demo/checkpoints/lac_unik_penn_2d.pth'
