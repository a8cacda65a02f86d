"""Toyota Smarthome CV2 for recognition of 19 classes: cameras 1, 3, 4, 6 and 7, tested on 2."""

_base_ = './videos.py'

__lists = _base_.video_sets.smarthome
__dataset = dict(absent_hint=__lists.absent_hint, data_prefix=__lists.data_prefix)
__test = dict(dataset=dict(__dataset, ann_file=f'{__lists.folder}/cv2/test.txt'))
train_dataloader = dict(dataset=dict(__dataset, ann_file=f'{__lists.folder}/cv2/train.txt'))
val_dataloader = __test
test_dataloader = __test
