"""ViA on Posetics in 2D without labels with the thesis's settings (4.6.1), after ``via_library_2d.py``.

Each person is normalized by a box of their own, as the autoencoder of the library has it.
"""

_base_ = [
    '../_base_/datasets/pretraining_posetics_2d.py',
    '../_base_/models/via.py',
    '../_base_/schedules/via_pretrain.py',
]
__dataset = dict(dataset=dict(pipeline=dict(normalize=dict(type='BoxNormalize', per_person=True))))
train_dataloader = __dataset
default_hooks = dict(knn=dict(train_dataloader=__dataset, test_dataloader=__dataset))
model = dict(type='ViA')
needs_weights = 'ViA'
pretrained = 'checkpoints/via_library_2d.pth'
