"""UNIK on Posetics bones in 2D: ``unik_posetics_2d.py --with bone`` as a file of its own."""

_base_ = ['./unik_posetics_2d.py', '../_overlays_/bone.py']
