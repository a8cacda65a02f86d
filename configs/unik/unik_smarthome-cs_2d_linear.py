"""UNIK on Toyota Smarthome, cross-subject, linear evaluation: ``unik_smarthome-cs_2d.py --with linear``."""

_base_ = ['./unik_smarthome-cs_2d.py', '../_overlays_/linear.py']
