"""Fine-tuning: every weight but the head's comes from a checkpoint.

That is the one of ``--load-from``, or what the config names as ``pretrained``.
"""

protocol_overlay = dict(name='finetune', needs=('model.backbone', 'model.cls_head'), needs_weights=True)
