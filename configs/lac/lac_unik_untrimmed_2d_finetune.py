"""LAC on procedural untrimmed sequences: fine-tuning (thesis, Table 4.5)."""

_base_ = ['../unik/unik_untrimmed_2d.py', '../_base_/protocols/finetune_2d.py']
load_from = 'checkpoints/lac_unik_synthetic_2d.pth'
