"""UNIK on Toyota Smarthome, cross-view 2, bones in 2D, linear evaluation of a checkpoint."""

_base_ = ['./unik_smarthome-cv2_2d_bone.py', '../_base_/protocols/linear_2d.py']
