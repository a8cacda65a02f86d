"""UNIK on UAV-Human, cross-subject 1, bones in 2D, fine-tuned from a checkpoint."""

_base_ = ['./unik_uav-human-csv1_2d_bone.py', '../_base_/protocols/finetune_2d.py']
