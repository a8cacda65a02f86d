"""LTN on set 1 of UT-Interaction without labels, sized for two cores."""

_base_ = [
    '../_base_/datasets/pretraining_videos_small.py',
    '../_base_/models/ltn_small.py',
    '../_base_/schedules/ltn_pretrain_small.py',
]
__lists = _base_.video_sets.ut_interaction
__dataset = dict(absent_hint=__lists.absent_hint, data_prefix=__lists.data_prefix)
train_dataloader = dict(dataset=dict(__dataset, ann_file=f'{__lists.folder}/set1.txt'))
default_hooks = dict(
    knn=dict(
        train_dataloader=dict(dataset=dict(__dataset, ann_file=f'{__lists.folder}/set1.txt')),
        test_dataloader=dict(dataset=dict(__dataset, ann_file=f'{__lists.folder}/set2.txt')),
    )
)
