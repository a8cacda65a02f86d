"""LAC on UTD-MHAD's training subjects before three cameras, without labels, after Penn Action.

The cameras are those on which ``unik_utd-mhad-xview_2d.py`` trains. No mirror, as there.
"""

_base_ = [
    '../_base_/datasets/pretraining_utd-mhad_2d.py',
    '../_base_/models/lac_unik_small.py',
    '../_base_/schedules/lac_pretrain_small.py',
]
train_dataloader = dict(
    dataset=dict(
        pipeline=dict(
            project=dict(cameras=[dict(yaw=yaw, pitch=5.0, distance=3.0) for yaw in (-30.0, 0.0, 30.0)])
        )
    )
)
model = dict(
    composer=dict(normalize=_base_.train_dataloader.dataset.pipeline.normalize),
    augmentation=dict(mirror=0.0),
)
train_cfg = dict(max_epochs=50)  # as many steps as on Northwestern-UCLA
load_from = 'demo/checkpoints/lac_unik_penn_2d.pth'
