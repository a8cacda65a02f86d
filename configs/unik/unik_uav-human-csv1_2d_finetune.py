"""UNIK on UAV-Human, cross-subject 1, joints in 2D, fine-tuned from a checkpoint."""

_base_ = ['./unik_uav-human-csv1_2d.py', '../_base_/protocols/finetune_2d.py']
