"""T-MOR on set 1 of UT-Interaction: RGB videos of two persons, and texts of the six classes, for two cores.

Skeletons are estimated in the videos (``tools/build_dataset.py``). The persons of a clip have no order:
training draws one. ``--with v-m``, ``m-t``, ``l-mm``, ``l-mv``, ``l-mt`` for less than all three losses.
"""

_base_ = ['./tmor_utd-mhad_2d.py', '../_base_/datasets/ut-interaction_2d.py']

__store = _base_.ut_interaction
__features = f'{__store.ann_file}_features'
__pipeline = dict(
    project=dict(_delete_=True),  # seen by the camera of the video, not by others as 3D skeletons are
    sample=dict(length=32),
    format=dict(num_person=2),
)
train_dataloader = dict(
    batch_size=30,  # half of a set
    dataset=dict(
        __store,
        split='set1',
        pipeline=dict(
            __pipeline,
            persons=dict(type='ShufflePersons'),
            video=dict(root=f'{__features}/{_base_.video_teacher}_video'),
            text=dict(root=f'{__features}/{_base_.text_teacher}_text'),
        ),
    ),
)
model = dict(
    backbone=dict(
        num_person=2,
        channels=(16, 16, 16, 16, 32, 32, 32, 64, 64, 64),
        strides=(2, 1, 1, 1, 2, 1, 1, 2, 1, 1),
    ),
    neck=dict(in_channels=64),
    # no longer than the set: about one key of every clip, at most two steps old; a longer queue would hold
    # clips several times, by older encoders
    queue_size=60,
)
# 520 steps, as on UTD-MHAD
train_cfg = dict(max_epochs=260)
__report = dict(__store, pipeline=__pipeline)
default_hooks = dict(
    checkpoint=dict(interval=130),
    knn=dict(
        interval=130,
        train_dataloader=dict(dataset=dict(__report, split='set1')),
        test_dataloader=dict(dataset=dict(__report, split='set2')),
    ),
)
