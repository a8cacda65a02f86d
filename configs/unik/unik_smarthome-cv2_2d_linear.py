"""UNIK on Toyota Smarthome, cross-view 2, joints in 2D, linear evaluation of a checkpoint."""

_base_ = ['./unik_smarthome-cv2_2d.py', '../_base_/protocols/linear_2d.py']
