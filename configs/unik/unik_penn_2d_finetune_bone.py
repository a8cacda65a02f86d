"""UNIK on Penn Action bones in 2D, fine-tuned from a checkpoint."""

_base_ = ['./unik_penn_2d_screen_bone.py', '../_base_/protocols/finetune_2d.py']
