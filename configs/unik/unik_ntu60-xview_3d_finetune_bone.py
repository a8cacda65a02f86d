"""UNIK on NTU RGB+D 60, cross-view, bones in 3D, fine-tuned from a checkpoint."""

_base_ = ['./unik_ntu60-xview_3d_bone.py', '../_base_/protocols/finetune_3d.py']
