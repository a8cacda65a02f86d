"""UNIK on Penn Action, fine-tuned after Posetics: ``unik_penn_2d_screen.py --with finetune``."""

_base_ = ['./unik_penn_2d_screen.py', '../_overlays_/finetune.py']
