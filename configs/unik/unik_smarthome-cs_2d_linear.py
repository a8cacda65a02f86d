"""UNIK on Toyota Smarthome, cross-subject, joints in 2D, linear evaluation of a checkpoint."""

_base_ = ['./unik_smarthome-cs_2d.py', '../_base_/protocols/linear_2d.py']
