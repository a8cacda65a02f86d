"""LAC on PKU-MMD, cross-subject: linear evaluation (thesis, Table 4.5)."""

_base_ = ['../unik/unik_pku-mmd-cs_3d.py', '../_base_/protocols/linear_3d.py']
load_from = 'checkpoints/lac_unik_posetics_3d.pth'
model = dict(cls_head=dict(standardize=True))
