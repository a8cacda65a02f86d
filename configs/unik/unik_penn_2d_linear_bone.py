"""UNIK on Penn Action bones in 2D, linear evaluation of a checkpoint."""

_base_ = ['./unik_penn_2d_screen_bone.py', '../_base_/protocols/linear_2d.py']
