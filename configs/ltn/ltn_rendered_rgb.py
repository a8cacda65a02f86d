"""LTN on rendered videos without labels, sized for two cores (``tools/data/render_videos.py``)."""

_base_ = [
    '../_base_/datasets/pretraining_videos_small.py',
    '../_base_/models/ltn_small.py',
    '../_base_/schedules/ltn_pretrain_small.py',
]
__lists = _base_.video_sets.rendered
__dataset = dict(absent_hint=__lists.absent_hint, data_prefix=__lists.data_prefix)
train_dataloader = dict(dataset=dict(__dataset, ann_file=f'{__lists.folder}/train.txt'))
# with its 1,080 videos as many steps as 200 epochs of UTD-MHAD's 431
train_cfg = dict(max_epochs=80)
default_hooks = dict(
    knn=dict(
        train_dataloader=dict(dataset=dict(__dataset, ann_file=f'{__lists.folder}/train.txt')),
        test_dataloader=dict(dataset=dict(__dataset, ann_file=f'{__lists.folder}/test.txt')),
    )
)
