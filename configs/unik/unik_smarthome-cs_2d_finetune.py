"""UNIK on Toyota Smarthome, cross-subject, fine-tuned: ``unik_smarthome-cs_2d.py --with finetune``."""

_base_ = ['./unik_smarthome-cs_2d.py', '../_overlays_/finetune.py']
