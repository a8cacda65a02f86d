"""Fine-tuning: all weights except the head's come from a checkpoint.

The checkpoint is that of ``--load-from``, or ``pretrained`` in the config.
"""

protocol_overlay = dict(name='finetune', needs=('model.backbone', 'model.cls_head'), needs_weights=True)
