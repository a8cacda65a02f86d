"""T-MOR on PoseCap-1M, or a set of one's own that is built like it, with the thesis's settings.

As ``tmor_posetics_2d.py``. There are no labels to report nearest neighbors with; Posetics's serve.
"""

_base_ = './tmor_posetics_2d.py'

__features = f'{_base_.stores.posecap.ann_file}_features'
train_dataloader = dict(
    dataset=dict(
        _base_.stores.posecap,
        pipeline=dict(
            video=dict(root=f'{__features}/{_base_.video_teacher}_video'),
            text=dict(root=f'{__features}/{_base_.text_teacher}_text'),
        ),
    )
)
