"""UNIK on Penn Action joints in 2D, linear evaluation of a checkpoint."""

_base_ = ['./unik_penn_2d_screen.py', '../_base_/protocols/linear_2d.py']
