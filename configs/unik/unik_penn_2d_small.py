"""A UNIK of half the width on Penn Action by the recommended recipe; missing joints filled, as for LAC."""

_base_ = './unik_penn_2d_recommended.py'

model = dict(
    backbone=dict(channels=(32, 32, 32, 32, 64, 64, 64, 128, 128, 128)),
    cls_head=dict(in_channels=128, dropout=0.1),
)
__dataset = dict(pipeline=dict(fill=dict(type='FillMissingJoints')))
train_dataloader = dict(dataset=__dataset)
val_dataloader = dict(dataset=__dataset)
test_dataloader = dict(dataset=__dataset)
pretrained = 'checkpoints/lac_unik_penn_2d.pth'
