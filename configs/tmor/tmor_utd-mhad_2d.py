"""T-MOR on UTD-MHAD with depth videos and texts (V-M-T), seen by cameras before the person, for two cores.

Features of EfficientNet-Lite0 on the depth videos, and MiniLM's of the class texts, are extracted once
(README, section 2). ``--with v-m``, ``m-t``, ``l-mm``, ``l-mv`` for less than all three losses.
"""

_base_ = [
    '../_base_/datasets/pretraining_utd-mhad_2d.py',
    '../_base_/models/tmor_unik_small.py',
    '../_base_/schedules/adamw_pretrain_small.py',
]
__features = f'{_base_.stores.utd_mhad.ann_file}_features'
__teacher = dict(type='LoadTeacherFeatures')
train_dataloader = dict(
    dataset=dict(
        pipeline=dict(
            sample=dict(num_clips=2, least_share=0.6),  # sk and sk+: two temporal crops
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
# less than for texts: L_mm, whose keys follow the encoder, has the same rate (``--with l-mm``)
optim_wrapper = dict(optimizer=dict(lr=1e-3))
