"""UNIK on Penn Action joints in 2D, fine-tuned from a checkpoint."""

_base_ = ['./unik_penn_2d_screen.py', '../_base_/protocols/finetune_2d.py']
