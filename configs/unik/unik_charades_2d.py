"""UNIK as a segmentor on Charades, from scratch: windows of 64 frames (thesis 4.5.1)."""

_base_ = './unik_tsu-cs_2d.py'

train_dataloader = dict(dataset=dict(_base_.stores.charades, split='train', window=64))
val_dataloader = dict(dataset=dict(_base_.stores.charades, split='test', window=64, stride=32))
test_dataloader = val_dataloader
model = dict(cls_head=dict(num_classes=157))
