_base_ = './agcn_penn_2d_recommended.py'

train_dataloader = dict(dataset=dict(stream='bone'))
val_dataloader = dict(dataset=dict(stream='bone'))
test_dataloader = dict(dataset=dict(stream='bone'))
