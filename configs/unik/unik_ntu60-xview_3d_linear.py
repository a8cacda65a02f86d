"""UNIK on NTU RGB+D 60, cross-view, joints in 3D, linear evaluation of a checkpoint."""

_base_ = ['./unik_ntu60-xview_3d.py', '../_base_/protocols/linear_3d.py']
