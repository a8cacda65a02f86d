"""LAC on chained Penn Action clips: fine-tuning (thesis, Table 4.5)."""

_base_ = ['../unik/unik_penn-chained_2d.py', '../_overlays_/finetune.py']
