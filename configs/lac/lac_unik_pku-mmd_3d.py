"""LAC on PKU-MMD itself, without labels or other data (thesis, Table 4.8)."""

_base_ = './lac_unik_tsu_2d.py'

__normalize = dict(type='AlignSkeleton3D')
train_dataloader = dict(
    dataset=dict(
        _base_.stores.pku_mmd,
        pipeline=dict(
            layout=dict(type='MapLayout', target='posetics17'),
            normalize=__normalize,
            format=dict(num_person=2),
        ),
    )
)
__generator = dict(checkpoint='checkpoints/lac_generator_3d.pth')
model = dict(
    backbone=dict(in_channels=3, num_person=2),
    composer=dict(generator=__generator, normalize=__normalize),
)
