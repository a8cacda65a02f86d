"""ViA as contrast on procedural motions: ``lac_unik_synthetic_2d.py --with contrast``."""

_base_ = ['../lac/lac_unik_synthetic_2d.py', '../_overlays_/contrast.py']
