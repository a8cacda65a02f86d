"""UNIK on Toyota Smarthome, cross-view 1: trained on camera 1, tested on 2, 19 classes; rare ones recur."""

_base_ = './unik_smarthome-cs_2d.py'

__classes = 'smarthome/cv'  # the 19 of mmactrep/datasets/protocols/smarthome.txt
train_dataloader = dict(dataset=dict(split='cv1_train', classes=__classes, repeat_below=1000))
val_dataloader = dict(dataset=dict(split='cv1_test', classes=__classes))
test_dataloader = val_dataloader
model = dict(cls_head=dict(num_classes=19))
