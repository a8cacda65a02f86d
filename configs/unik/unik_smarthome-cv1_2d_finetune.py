"""UNIK on Toyota Smarthome, cross-view 1, joints in 2D, fine-tuned from a checkpoint."""

_base_ = ['./unik_smarthome-cv1_2d.py', '../_base_/protocols/finetune_2d.py']
