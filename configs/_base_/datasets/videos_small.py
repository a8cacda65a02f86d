"""Recognition of videos on two cores: 8 frames of 48 pixels, three clips of the whole frame in the test."""

_base_ = './videos.py'

__sample = dict(length=8, stride=4)
__loader = dict(batch_size=16, num_workers=1)
train_dataloader = dict(
    __loader,
    dataset=dict(pipeline=dict(sample=dict(__sample), crop=dict(size=48, area=(0.4, 1.0)))),
)
__whole = dict(
    resize=dict(scale=(48, 48), keep_ratio=False),
    crop=dict(_delete_=True),
)
val_dataloader = dict(__loader, dataset=dict(pipeline=dict(__whole, sample=dict(__sample, num_clips=3))))
test_dataloader = dict(__loader, dataset=dict(pipeline=dict(__whole, sample=dict(__sample, num_clips=3))))
