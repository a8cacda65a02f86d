"""HMDB51 for recognition, its first split; ``--with split2`` and ``split3`` take the others."""

_base_ = './videos.py'

__lists = _base_.video_sets.hmdb51
__dataset = dict(absent_hint=__lists.absent_hint, data_prefix=__lists.data_prefix)
__test = dict(dataset=dict(__dataset, ann_file=f'{__lists.folder}/test1.txt'))
train_dataloader = dict(dataset=dict(__dataset, ann_file=f'{__lists.folder}/train1.txt'))
val_dataloader = __test
test_dataloader = __test
