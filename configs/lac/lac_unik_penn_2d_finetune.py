"""Fine-tuning on Penn Action after LAC; ``--cfg-options load_from=None`` trains from scratch."""

_base_ = ['../unik/unik_penn_2d_small.py', '../_overlays_/finetune.py']
