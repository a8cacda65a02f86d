"""LTN on Kinetics-400 without labels, batches of 128 on eight GPUs (thesis, 5.4.1)."""

_base_ = [
    '../_base_/datasets/pretraining_videos.py',
    '../_base_/models/ltn_r3d50.py',
    '../_base_/schedules/ltn_pretrain.py',
]
__lists = _base_.video_sets.kinetics400
__dataset = dict(absent_hint=__lists.absent_hint, data_prefix=__lists.data_prefix)
train_dataloader = dict(batch_size=16, dataset=dict(__dataset, ann_file=f'{__lists.folder}/train.txt'))
default_hooks = dict(
    knn=dict(
        train_dataloader=dict(
            # 240,000 videos would take longer to look at than an epoch
            dataset=dict(__dataset, ann_file=f'{__lists.folder}/train.txt', labelled_fraction=0.05)
        ),
        test_dataloader=dict(dataset=dict(__dataset, ann_file=f'{__lists.folder}/val.txt')),
    )
)
