"""UT-Interaction with labels, sized for two cores: set 1 trains, set 2 tests."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/videos_ut-interaction.py',
    '../_base_/models/r3d18_small.py',
    '../_base_/schedules/r3d_small.py',
]
