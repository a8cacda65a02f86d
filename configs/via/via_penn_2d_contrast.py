"""ViA as contrast on Penn Action: ``lac_unik_penn_2d.py --with contrast``."""

_base_ = ['../lac/lac_unik_penn_2d.py', '../_overlays_/contrast.py']
