"""UTD-MHAD's training subjects in 3D for pre-training without labels, 64 frames over the whole clip.

The axes are those of motion libraries, in which generators know bodies: what the sensor's camera sees, and
the depth. Clips are in their own box.
"""

_base_ = './pretraining.py'

__sample = dict(type='UniformTemporalSample', length=64, short='stretch')
__pipeline = dict(
    project=dict(type='ProjectToCamera', cameras=[dict(yaw=0.0)], dims=3),
    layout=dict(type='MapLayout', target='posetics17'),
    normalize=dict(type='BoxNormalize'),
    format=dict(num_person=1),
)
train_dataloader = dict(
    batch_size=32,
    dataset=dict(
        _base_.stores.utd_mhad,
        split='xsub_train',
        pipeline=dict(__pipeline, sample=dict(__sample, jitter=True)),
    ),
)
__report = dict(_base_.stores.utd_mhad, pipeline=dict(__pipeline, sample=dict(__sample, jitter=False)))
default_hooks = dict(
    knn=dict(
        train_dataloader=dict(dataset=dict(__report, split='xsub_train')),
        test_dataloader=dict(dataset=dict(__report, split='xsub_test')),
    )
)
