"""The second of the three splits of UCF101 or HMDB51."""

__root = '{{$MMACTREP_DATA_ROOT:data}}'
__ucf101 = dict(dataset=dict(ann_file=f'{__root}/ucf101/test2.txt'))
__hmdb51 = dict(dataset=dict(ann_file=f'{__root}/hmdb51/test2.txt'))

split_overlay = dict(
    name='split2',
    needs=('test_dataloader.dataset',),
    needs_store=True,
    for_store={
        'ucf101/train1.txt': dict(
            train_dataloader=dict(dataset=dict(ann_file=f'{__root}/ucf101/train2.txt')),
            val_dataloader=__ucf101,
            test_dataloader=__ucf101,
        ),
        'hmdb51/train1.txt': dict(
            train_dataloader=dict(dataset=dict(ann_file=f'{__root}/hmdb51/train2.txt')),
            val_dataloader=__hmdb51,
            test_dataloader=__hmdb51,
        ),
    },
)
