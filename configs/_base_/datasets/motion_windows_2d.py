"""Windows of many motions on one body, from which new pairs are made for every batch.

Validation and test use the library of pairs: other characters, performances, classes and views.
"""

_base_ = './motion_pairs_2d.py'

train_dataloader = dict(
    _delete_=True,
    batch_size=64,  # 32 pairs
    num_workers=1,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type='MotionWindowDataset',
        ann_file='{{$MMACTREP_DATA_ROOT:data}}/motion/bank',
        absent_hint='Make it with: python tools/data/make_motion_library.py --bank',
        split='train',
        window=64,
        samples=6400,
        shares={'improvised': 0.35, 'capture': 0.25, 'recorded/*': 0.2},
    ),
)
# for the model's ``data_preprocessor``: makes the windows look like poses that are estimated in videos
pairs = dict(
    type='MotionPairSynthesizer',
    layout='posetics17',
    tumbled=0.1,
    missing=0.1,
    # whoever uses a generator scales persons to the mean size of its training motions
    cameras=dict(perspective=0.5, turned=0.25, scale=(0.8, 1.25)),
)
