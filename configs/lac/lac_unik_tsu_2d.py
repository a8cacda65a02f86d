"""LAC on Toyota Smarthome Untrimmed itself, without labels or other data (thesis, Table 4.8)."""

_base_ = [
    '../_base_/pretrain_runtime.py',
    '../_base_/models/lac_unik.py',
    '../_base_/datasets/segmentation.py',
    '../_base_/schedules/lac_pretrain.py',
]
train_dataloader = dict(
    drop_last=True,
    dataset=dict(
        _base_.stores.tsu,
        split='cs_train',
        balance=0.0,
        pipeline=dict(
            fill=dict(type='FillMissingJoints'),
            pack=dict(type='PackSkeletonInputs', meta_keys=('frame_dir', 'sample_idx')),
        ),
    ),
)
val_dataloader = None
test_dataloader = None
model = dict(backbone=dict(num_person=1), clip_length=300)
