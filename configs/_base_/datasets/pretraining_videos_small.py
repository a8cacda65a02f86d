"""1 + P clips of each video for two cores: 8 frames of 48 pixels, crops of 0.4 of the area and more."""

_base_ = './pretraining_videos.py'

__sample = dict(length=8, stride=4)
__loader = dict(batch_size=32, num_workers=1)
train_dataloader = dict(
    __loader,
    dataset=dict(
        pipeline=dict(
            sample=dict(__sample, num_clips=3), crop=dict(size=48, area=(0.4, 1.0)), blur=dict(p=0.2)
        )
    ),
)
__report = dict(
    __loader,
    dataset=dict(
        pipeline=dict(
            sample=dict(__sample, num_clips=3),
            resize=dict(scale=(48, 48), keep_ratio=False),
            crop=dict(_delete_=True),
        )
    ),
)
default_hooks = dict(knn=dict(train_dataloader=__report, test_dataloader=__report))
