"""UNIK on NTU RGB+D 120, cross-setup, joints in 3D, linear evaluation of a checkpoint."""

_base_ = ['./unik_ntu120-xset_3d.py', '../_base_/protocols/linear_3d.py']
