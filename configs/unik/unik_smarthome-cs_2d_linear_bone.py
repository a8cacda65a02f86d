"""UNIK on Toyota Smarthome, cross-subject, bones in 2D, linear evaluation of a checkpoint."""

_base_ = ['./unik_smarthome-cs_2d_bone.py', '../_base_/protocols/linear_2d.py']
