"""UNIK on Toyota Smarthome, cross-subject, bones in 2D, fine-tuned from a checkpoint."""

_base_ = ['./unik_smarthome-cs_2d_bone.py', '../_base_/protocols/finetune_2d.py']
