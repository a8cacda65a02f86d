"""UNIK on Penn Action bones by the recommended recipe: ``unik_penn_2d_recommended.py --with bone``."""

_base_ = ['./unik_penn_2d_recommended.py', '../_overlays_/bone.py']
