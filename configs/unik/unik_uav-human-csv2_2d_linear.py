"""UNIK on UAV-Human, cross-subject 2, joints in 2D, linear evaluation of a checkpoint."""

_base_ = ['./unik_uav-human-csv2_2d.py', '../_base_/protocols/linear_2d.py']
