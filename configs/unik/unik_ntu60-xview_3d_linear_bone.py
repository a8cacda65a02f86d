"""UNIK on NTU RGB+D 60, cross-view, bones in 3D, linear evaluation of a checkpoint."""

_base_ = ['./unik_ntu60-xview_3d_bone.py', '../_base_/protocols/linear_3d.py']
