"""LTN on the first training split of UCF101 without labels, batches of 64 on eight GPUs (thesis, 5.4.1).

The thesis gives no size of the queue; its data set is as small as Smarthome, which has 8,192.
"""

_base_ = [
    '../_base_/datasets/pretraining_videos.py',
    '../_base_/models/ltn_r3d50.py',
    '../_base_/schedules/ltn_pretrain.py',
]
__lists = _base_.video_sets.ucf101
__dataset = dict(absent_hint=__lists.absent_hint, data_prefix=__lists.data_prefix)
train_dataloader = dict(dataset=dict(__dataset, ann_file=f'{__lists.folder}/train1.txt'))
default_hooks = dict(
    knn=dict(
        train_dataloader=dict(dataset=dict(__dataset, ann_file=f'{__lists.folder}/train1.txt')),
        test_dataloader=dict(dataset=dict(__dataset, ann_file=f'{__lists.folder}/test1.txt')),
    )
)
model = dict(queue_size=8192)
