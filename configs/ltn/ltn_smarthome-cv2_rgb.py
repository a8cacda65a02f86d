"""LTN on Toyota Smarthome CV2 without labels: the videos of cameras 1, 3, 4, 6 and 7."""

_base_ = './ltn_smarthome-cs_rgb.py'

__folder = _base_.video_sets.smarthome.folder
__train = dict(dataset=dict(ann_file=f'{__folder}/cv2/train.txt'))
__test = dict(dataset=dict(ann_file=f'{__folder}/cv2/test.txt'))
train_dataloader = __train
default_hooks = dict(knn=dict(train_dataloader=__train, test_dataloader=__test))
