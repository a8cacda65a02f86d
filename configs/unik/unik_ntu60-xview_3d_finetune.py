"""UNIK on NTU RGB+D 60, cross-view, joints in 3D, fine-tuned from a checkpoint."""

_base_ = ['./unik_ntu60-xview_3d.py', '../_base_/protocols/finetune_3d.py']
