"""LAC on PKU-MMD, cross-subject: fine-tuning (thesis, Table 4.5)."""

_base_ = ['../unik/unik_pku-mmd-cs_3d.py', '../_base_/protocols/finetune_3d.py']
load_from = 'checkpoints/lac_unik_posetics_3d.pth'
