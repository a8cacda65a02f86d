"""LAC on UTD-MHAD's training subjects before one camera, without labels, after Penn Action."""

_base_ = './lac_unik_utd-mhad-xview_2d.py'

train_dataloader = dict(
    dataset=dict(pipeline=dict(project=dict(cameras=[dict(yaw=0.0, pitch=5.0, distance=3.0)])))
)
