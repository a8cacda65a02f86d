"""Plain contrastive pre-training instead of LAC: no composition, no frame loss (L0 of Table 4.7)."""

loss_overlay = dict(
    name='moco',
    needs=('model.type=LAC', 'model.augmentation'),
    model=dict(
        _delete_=True,
        _keep_=('backbone', 'neck', 'augmentation', 'num_positives', 'queue_size', 'momentum'),
        type='ContrastivePretrainer',
    ),
)
