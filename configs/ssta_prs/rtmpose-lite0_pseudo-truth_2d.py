"""The top-down student refined on pseudo truth of own videos, weighted by its confidence.

It starts from the weights of rtmpose-lite0_coco_2d.py (``--load-from``).
"""

_base_ = './rtmpose-lite0_coco_2d.py'
__truth = dict(
    data_root='{{$MMACTREP_DATA_ROOT:data}}/pseudo_truth/', data_prefix=dict(img='pictures/'), source=None
)
train_dataloader = dict(batch_size=64, dataset=dict(__truth, ann_file='annotations/train.json'))
test_dataloader = dict(dataset=dict(__truth, ann_file='annotations/val.json'))
train_cfg = dict(max_epochs=10)
optim_wrapper = dict(optimizer=dict(lr=5e-4))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, by_epoch=False, begin=0, end=100),
    dict(type='CosineAnnealingLR', T_max=10, by_epoch=True, convert_to_iter_based=True),
]
custom_hooks = [dict(type='WholeStudentHook')]
