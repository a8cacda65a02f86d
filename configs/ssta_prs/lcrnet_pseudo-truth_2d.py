"""SSTA-PRS (3.3.3, 3.6.2): localization and classification on pseudo truth of own videos, 4 pictures a batch.

It starts from the weights of lcrnet_coco_2d.py (``--load-from``); the regression branch is frozen.
"""

_base_ = './lcrnet_coco_2d.py'
__truth = dict(
    data_root='{{$MMACTREP_DATA_ROOT:data}}/pseudo_truth/', data_prefix=dict(img='pictures/'), source=None
)
train_dataloader = dict(dataset=dict(__truth, ann_file='annotations/train.json'))
test_dataloader = dict(dataset=dict(__truth, ann_file='annotations/val.json'))
model = dict(roi_head=dict(bbox_head=dict(regression=False)))
custom_hooks = [dict(type='WholeStudentHook')]
