"""UNIK on NTU RGB+D 120, cross-subject, joints in 3D, fine-tuned from a checkpoint."""

_base_ = ['./unik_ntu120-xsub_3d.py', '../_base_/protocols/finetune_3d.py']
