"""R3D-50, the slow pathway of SlowFast, as a recognizer of clips of 8 frames (thesis, 5.4.1).

``pretrained=None``: no weights of images. Mean, deviation and the start of the last batch norm of a block (1,
not 0) are those of the reference settings of contrastive pre-training.
"""

model = dict(
    type='Recognizer3D',
    backbone=dict(type='ResNet3dSlowOnly', depth=50, pretrained=None, zero_init_residual=False),
    cls_head=dict(
        type='I3DHead', num_classes=None, in_channels=2048, dropout_ratio=0.5, average_clips='prob'
    ),
    data_preprocessor=dict(
        type='ActionDataPreprocessor', mean=[114.75] * 3, std=[57.375] * 3, format_shape='NCTHW'
    ),
)
