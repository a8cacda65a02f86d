"""UNIK on Toyota Smarthome, cross-view 1, bones in 2D, linear evaluation of a checkpoint."""

_base_ = ['./unik_smarthome-cv1_2d_bone.py', '../_base_/protocols/linear_2d.py']
