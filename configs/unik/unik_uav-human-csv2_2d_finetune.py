"""UNIK on UAV-Human, cross-subject 2, joints in 2D, fine-tuned from a checkpoint."""

_base_ = ['./unik_uav-human-csv2_2d.py', '../_base_/protocols/finetune_2d.py']
