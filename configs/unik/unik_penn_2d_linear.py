"""UNIK on Penn Action, linear evaluation after Posetics: ``unik_penn_2d_screen.py --with linear``."""

_base_ = ['./unik_penn_2d_screen.py', '../_overlays_/linear.py']
