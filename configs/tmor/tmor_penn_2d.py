"""T-MOR on Penn Action with texts of its classes, without video (M-T), sized for two cores.

``--with l-mm`` and ``l-mt`` for one of both losses.
"""

_base_ = [
    '../_base_/datasets/pretraining_penn_2d.py',
    '../_base_/models/tmor_unik_small.py',
    '../_base_/schedules/adamw_pretrain_small.py',
]
model = dict(
    video_teacher=None,
    video_neck=None,
    video_loss=None,
    augmentation=dict(jitter=0.01, mirror=0.5, layout='posetics17'),
)
train_dataloader = dict(
    dataset=dict(
        pipeline=dict(
            sample=dict(num_clips=2, least_share=0.6),  # sk and sk+: two temporal crops
            text=dict(
                type='LoadTeacherFeatures',
                kind='text',
                teacher=_base_.text_teacher,
                root=f'{_base_.stores.penn.ann_file}_features/{_base_.text_teacher}_text',
            ),
            pack=dict(meta_keys=('frame_dir', 'sample_idx', 'text_features', 'text_category')),
        )
    )
)
