"""ViA with the crossed ground truth of the motion library (L0 of Table 4.14), sized for two cores."""

_base_ = [
    '../_base_/models/via_small.py',
    '../_base_/datasets/motion_windows_2d.py',
    '../_base_/schedules/via_library_small.py',
]
model = dict(
    data_preprocessor=dict(
        type='MotionPairSynthesizer',
        layout='posetics17',
        missing=0.1,
        cameras=dict(perspective=0.5, turned=0.2),
    ),
)
