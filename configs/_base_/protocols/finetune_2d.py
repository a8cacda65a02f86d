"""Fine-tuning: every weight but the head's comes from a checkpoint.

Put it at this path, or name another with ``tools/train.py --load-from``.
"""

load_from = 'checkpoints/unik_posetics_2d.pth'
