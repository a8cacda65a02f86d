_base_ = './unik_ntu60-xsub_3d_recommended.py'

train_dataloader = dict(dataset=dict(stream='bone'))
val_dataloader = dict(dataset=dict(stream='bone'))
test_dataloader = dict(dataset=dict(stream='bone'))
