"""LAC on Toyota Smarthome Untrimmed, cross-subject: fine-tuning (thesis, Table 4.5)."""

_base_ = ['../unik/unik_tsu-cs_2d.py', '../_base_/protocols/finetune_2d.py']
load_from = 'checkpoints/lac_unik_posetics_2d.pth'
