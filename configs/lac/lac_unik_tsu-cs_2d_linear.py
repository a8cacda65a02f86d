"""LAC on Toyota Smarthome Untrimmed, cross-subject: linear evaluation (thesis, Table 4.5)."""

_base_ = ['../unik/unik_tsu-cs_2d.py', '../_base_/protocols/linear_2d.py']
load_from = 'checkpoints/lac_unik_posetics_2d.pth'
model = dict(cls_head=dict(standardize=True))
