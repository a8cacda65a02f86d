"""UNIK on NTU RGB+D 60, cross-subject, bones in 3D, linear evaluation of a checkpoint."""

_base_ = ['./unik_ntu60-xsub_3d_bone.py', '../_base_/protocols/linear_3d.py']
