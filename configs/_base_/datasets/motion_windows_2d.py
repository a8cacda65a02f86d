"""Windows of many motions on one body, from which new pairs are made for every batch.

Validation and test use the library of pairs: other characters, performances, classes and views.
"""

_base_ = ['./motion_pairs_2d.py', './motion_bank.py']

train_dataloader = dict(_delete_=True, **_base_.bank)  # 32 pairs
# for the model's ``data_preprocessor``
pairs = dict(type='MotionPairSynthesizer', **_base_.synthesis)
