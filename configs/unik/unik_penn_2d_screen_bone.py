_base_ = './unik_penn_2d_screen.py'

train_dataloader = dict(dataset=dict(stream='bone'))
val_dataloader = dict(dataset=dict(stream='bone'))
test_dataloader = dict(dataset=dict(stream='bone'))
