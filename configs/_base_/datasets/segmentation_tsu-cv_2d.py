"""Toyota Smarthome Untrimmed, cross-view: windows of 300 frames (thesis 4.5.1)."""

_base_ = './segmentation_tsu-cs_2d.py'

train_dataloader = dict(dataset=dict(split='cv_train'))
val_dataloader = dict(dataset=dict(split='cv_test'))
test_dataloader = val_dataloader
