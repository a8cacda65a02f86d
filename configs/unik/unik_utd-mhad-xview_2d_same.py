"""The even subjects before the cameras of the training, as a reference for ``unik_utd-mhad-xview_2d.py``."""

_base_ = './unik_utd-mhad-xview_2d.py'

__cameras = dict(
    cameras=_base_.train_dataloader.dataset.pipeline.project.cameras,
)
val_dataloader = dict(dataset=dict(repeat_each=3, pipeline=dict(project=__cameras)))
test_dataloader = val_dataloader
