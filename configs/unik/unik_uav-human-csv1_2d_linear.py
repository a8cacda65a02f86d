"""UNIK on UAV-Human, cross-subject 1, joints in 2D, linear evaluation of a checkpoint."""

_base_ = ['./unik_uav-human-csv1_2d.py', '../_base_/protocols/linear_2d.py']
