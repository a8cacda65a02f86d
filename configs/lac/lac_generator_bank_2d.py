"""LAC's generator that keeps the movement of real poses: more motion, other losses, a larger network.

Differences from the thesis: bodies, cameras, noise and gaps are drawn for every batch, from a bank of
motions; losses on movement and on re-encoded codes replace the triplet loss, which costs movement; the
reconstruction of the inputs weighs three times as much as the retargeted motions, whose error is mostly
depth that no view shows; 1.5 times the width, and residual blocks at the latent length.
"""

_base_ = [
    '../_base_/models/lac_generator.py',
    '../_base_/datasets/motion_windows_2d.py',
    '../_base_/schedules/generator_cosine.py',
]
model = dict(
    generator=dict(
        layout='posetics17',
        dropout=0.0,
        code_channels=192,
        num_motion=160,
        encoder_channels=(96, 144),
        decoder_channels=(192, 96),
        residual=(3, 4, 80),
    ),
    data_preprocessor=_base_.pairs,
    self_weight=3.0,
    triplet_weight=0.0,
    foot_velocity_weight=0.0,
    movement_weight=1.0,
    code_cycle_weight=0.2,
)
train_cfg = dict(max_epochs=60)
