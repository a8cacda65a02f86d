"""5 % of the training labels, drawn from every class. The epochs stay the same, so there are fewer steps."""

labels_overlay = dict(
    name='5percent',
    needs=('train_dataloader.dataset.split', 'model.cls_head'),
    train_dataloader=dict(dataset=dict(labelled_fraction=0.05)),
)
