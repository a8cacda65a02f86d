"""Rendered videos for recognition on two cores."""

_base_ = './videos_small.py'

__lists = _base_.video_sets.rendered
__dataset = dict(absent_hint=__lists.absent_hint, data_prefix=__lists.data_prefix)
__test = dict(dataset=dict(__dataset, ann_file=f'{__lists.folder}/test.txt'))
train_dataloader = dict(dataset=dict(__dataset, ann_file=f'{__lists.folder}/train.txt'))
val_dataloader = __test
test_dataloader = __test
