"""UNIK on Penn Action in the normalized screen coordinates of the pre-training on Posetics."""

_base_ = './unik_penn_2d.py'

__dataset = dict(pipeline=dict(normalize=dict(type='ScreenNormalize')))
train_dataloader = dict(dataset=__dataset)
val_dataloader = dict(dataset=__dataset)
test_dataloader = dict(dataset=__dataset)
pretrained = 'checkpoints/unik_posetics_2d.pth'
