_base_ = './unik_posetics_3d.py'

train_dataloader = dict(dataset=dict(stream='bone'))
val_dataloader = dict(dataset=dict(stream='bone'))
test_dataloader = dict(dataset=dict(stream='bone'))
