"""UNIK on Toyota Smarthome, cross-view 2, joints in 2D, fine-tuned from a checkpoint."""

_base_ = ['./unik_smarthome-cv2_2d.py', '../_base_/protocols/finetune_2d.py']
