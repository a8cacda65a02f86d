"""UNIK on UTD-MHAD's skeletons: odd subjects before one camera, even ones before others, never seen.

As ``unik_utd-mhad-xview_2d.py``, whose training has three cameras: the gap between the views is wider here.
"""

_base_ = './unik_utd-mhad-xview_2d.py'

train_dataloader = dict(
    dataset=dict(pipeline=dict(project=dict(cameras=[dict(yaw=0.0, pitch=5.0, distance=3.0)])))
)
