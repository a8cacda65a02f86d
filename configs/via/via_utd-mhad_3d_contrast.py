"""ViA as contrast on UTD-MHAD's training subjects in 3D: ``lac_unik_utd-mhad_3d.py --with contrast``."""

_base_ = ['../lac/lac_unik_utd-mhad_3d.py', '../_overlays_/contrast.py']
