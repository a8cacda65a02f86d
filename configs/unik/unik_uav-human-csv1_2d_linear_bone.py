"""UNIK on UAV-Human, cross-subject 1, bones in 2D, linear evaluation of a checkpoint."""

_base_ = ['./unik_uav-human-csv1_2d_bone.py', '../_base_/protocols/linear_2d.py']
