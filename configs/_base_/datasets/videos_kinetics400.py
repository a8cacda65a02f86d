"""Kinetics-400 for recognition."""

_base_ = './videos.py'

__lists = _base_.video_sets.kinetics400
__dataset = dict(absent_hint=__lists.absent_hint, data_prefix=__lists.data_prefix)
__test = dict(dataset=dict(__dataset, ann_file=f'{__lists.folder}/val.txt'))
train_dataloader = dict(dataset=dict(__dataset, ann_file=f'{__lists.folder}/train.txt'))
val_dataloader = __test
test_dataloader = __test
