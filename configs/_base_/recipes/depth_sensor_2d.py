"""One person before a depth sensor, as its own camera sees the 3D skeleton: a UNIK sized for one core.

32 frames over the whole clip. No mirror: it turns a swipe to the left into one to the right. A config that
inherits it names the store; joints and classes are read from it.
"""

_base_ = './own_skeletons_2d.py'

num_person = 1
model = dict(backbone=dict(base_channels=16, num_person=1), cls_head=dict(in_channels=64, dropout=0.1))
__pipeline = dict(project=dict(type='ProjectToSensor'), sample=dict(length=32), format=dict(num_person=1))
__loader = dict(num_workers=0, persistent_workers=False)
train_dataloader = dict(
    __loader, dataset=dict(split='xsub_train', pipeline=dict(__pipeline, mirror=dict(_delete_=True)))
)
val_dataloader = dict(__loader, dataset=dict(split='xsub_test', pipeline=__pipeline))
test_dataloader = val_dataloader
# there are few clips: in so few steps AdamW reaches more than SGD
optim_wrapper = dict(optimizer=dict(_delete_=True, type='AdamW', lr=5e-3, weight_decay=0.05))
train_cfg = dict(max_epochs=12, val_interval=12)  # 600 steps on each data set
