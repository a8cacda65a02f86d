"""LAC on Charades itself, without labels or other data (thesis, Table 4.8)."""

_base_ = './lac_unik_tsu_2d.py'

train_dataloader = dict(dataset=dict(_base_.stores.charades, split='train', window=64))
model = dict(clip_length=64)
