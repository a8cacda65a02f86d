"""LAC on chained Penn Action clips: fine-tuning (thesis, Table 4.5)."""

_base_ = ['../unik/unik_penn-chained_2d.py', '../_base_/protocols/finetune_2d.py']
load_from = 'checkpoints/lac_unik_penn_2d.pth'
