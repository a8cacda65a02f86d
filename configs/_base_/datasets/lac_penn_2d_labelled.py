"""Penn Action by the recommended recipe, missing joints filled in as in pre-training."""

_base_ = './penn_2d_recommended.py'

train_pipeline = [dict(type='FillMissingJoints'), *_base_.train_pipeline]
test_pipeline = [dict(type='FillMissingJoints'), *_base_.test_pipeline]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
