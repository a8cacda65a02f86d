"""LAC on Penn Action without labels, 64 frames over the whole clip, sized for two cores."""

_base_ = [
    '../_base_/datasets/pretraining_penn_2d.py',
    '../_base_/models/lac_unik_small.py',
    '../_base_/schedules/lac_pretrain_small.py',
]
model = dict(composer=dict(normalize=_base_.train_dataloader.dataset.pipeline.normalize))
