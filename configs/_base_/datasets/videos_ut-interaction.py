"""UT-Interaction for recognition on two cores: set 1 trains, set 2 tests, 30 frames a second.

Leaving one sequence out: lists ``set1_seq01_train`` and so on, or ``evaluate_features.py --leave-out``.
"""

_base_ = './videos_small.py'

__lists = _base_.video_sets.ut_interaction
__dataset = dict(absent_hint=__lists.absent_hint, data_prefix=__lists.data_prefix)
__test = dict(dataset=dict(__dataset, ann_file=f'{__lists.folder}/set2.txt'))
train_dataloader = dict(dataset=dict(__dataset, ann_file=f'{__lists.folder}/set1.txt'))
val_dataloader = __test
test_dataloader = __test
