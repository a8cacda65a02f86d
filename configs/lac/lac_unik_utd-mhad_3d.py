"""LAC on UTD-MHAD's training subjects in 3D without labels, sized for two cores."""

_base_ = [
    '../_base_/datasets/pretraining_utd-mhad_3d.py',
    '../_base_/models/lac_unik_small.py',
    '../_base_/schedules/lac_pretrain_small.py',
]
model = dict(
    backbone=dict(in_channels=3),
    composer=dict(
        generator=dict(checkpoint='checkpoints/lac_generator_3d.pth'),
        normalize=_base_.train_dataloader.dataset.pipeline.normalize,
    ),
    augmentation=dict(mirror=0.0),  # actions differ by their direction
)
train_cfg = dict(max_epochs=60)  # of 13 steps
