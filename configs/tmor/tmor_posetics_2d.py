"""T-MOR on Posetics with video and text (V-M-T), with the thesis's settings (6.3, Table 6.7).

Features of ViCLIP-L/14 are extracted once (README, section 2). ``--with v-m``, ``m-t``, ``l-mm``, ``l-mv``
for less than all three losses.
"""

_base_ = [
    '../_base_/datasets/pretraining_posetics_2d.py',
    '../_base_/models/tmor_unik.py',
    '../_base_/schedules/lac_pretrain.py',
]
__features = f'{_base_.stores.posetics.ann_file}_features'
__teacher = dict(type='LoadTeacherFeatures')
train_dataloader = dict(
    dataset=dict(
        pipeline=dict(
            sample=dict(num_clips=2),  # sk and sk+: two temporal crops
            video=dict(
                __teacher,
                kind='video',
                teacher=_base_.video_teacher,
                root=f'{__features}/{_base_.video_teacher}_video',
            ),
            text=dict(
                __teacher,
                kind='text',
                teacher=_base_.text_teacher,
                root=f'{__features}/{_base_.text_teacher}_text',
            ),
            pack=dict(
                meta_keys=('frame_dir', 'sample_idx', 'video_features', 'text_features', 'text_category')
            ),
        )
    )
)
