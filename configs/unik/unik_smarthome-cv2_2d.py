"""UNIK on Toyota Smarthome, cross-view 2: trained on cameras 1, 3, 4, 6 and 7, tested on camera 2."""

_base_ = './unik_smarthome-cv1_2d.py'

train_dataloader = dict(dataset=dict(split='cv2_train'))
val_dataloader = dict(dataset=dict(split='cv2_test'))
test_dataloader = val_dataloader
