"""LTN on Toyota Smarthome CS without labels: K = 8,192, batches of 64 on eight GPUs (thesis, 5.4.1)."""

_base_ = [
    '../_base_/datasets/pretraining_videos.py',
    '../_base_/models/ltn_r3d50.py',
    '../_base_/schedules/ltn_pretrain.py',
]
__lists = _base_.video_sets.smarthome
__dataset = dict(absent_hint=__lists.absent_hint, data_prefix=__lists.data_prefix)
train_dataloader = dict(dataset=dict(__dataset, ann_file=f'{__lists.folder}/cs/train.txt'))
default_hooks = dict(
    knn=dict(
        train_dataloader=dict(dataset=dict(__dataset, ann_file=f'{__lists.folder}/cs/train.txt')),
        test_dataloader=dict(dataset=dict(__dataset, ann_file=f'{__lists.folder}/cs/test.txt')),
    )
)
model = dict(queue_size=8192)
