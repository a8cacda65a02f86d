"""UT-Interaction's skeletons of two persons, estimated in its videos, and the command that makes them.

Apart from ``stores.py``, which nearly every config inherits: recorded figures name the code of their config.
"""

ut_interaction = dict(
    ann_file='{{$MMACTREP_DATA_ROOT:data}}/ut_interaction/2d',
    absent_hint='Make it with: python tools/build_dataset.py ut_interaction --videos UT_INTERACTION '
    '--experts movenet-multipose-320 --min-share 0.05 --out data/ut_interaction',
)
