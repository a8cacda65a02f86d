"""A top-down student refined on the pseudo truth of real experts on UT-Interaction, for two cores.

It starts from the weights of rtmpose-lite0_rendered_2d_small.py (``--load-from``), and is tested on what the
experts agree about in another sequence.
"""

_base_ = './rtmpose-lite0_rendered_2d_small_refined.py'
__root = '{{$MMACTREP_DATA_ROOT:data}}/ut_interaction'
train_dataloader = dict(dataset=dict(data_root=f'{__root}/pseudo_truth'))
test_dataloader = dict(
    dataset=dict(data_root=f'{__root}/pseudo_truth_test', ann_file='annotations/train.json')
)
