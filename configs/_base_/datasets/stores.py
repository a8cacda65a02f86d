"""Paths of all data sets and the commands that make them, in one place."""

__root = '{{$MMACTREP_DATA_ROOT:data}}'
__convert = 'Make it with: python tools/data'

stores = dict(
    captioned=dict(
        ann_file=f'{__root}/captioned/2d',
        absent_hint=f'{__convert}/make_captioned_motions.py',
    ),
    charades=dict(
        ann_file=f'{__root}/charades/2d',
        absent_hint=f'{__convert}/convert.py charades --src POSES --annotation CHARADES.json',
    ),
    kard=dict(ann_file=f'{__root}/kard/3d', absent_hint=f'{__convert}/convert.py kard --src kard.npz'),
    kard_2d=dict(
        ann_file=f'{__root}/kard/2d', absent_hint=f'{__convert}/convert.py kard --src kard.npz --dims 2d'
    ),
    library=dict(
        ann_file=f'{__root}/library/3d',
        absent_hint=f'{__convert}/make_motion_actions.py --bvh BANDAI_NAMCO',
    ),
    ntu60=dict(
        ann_file=f'{__root}/ntu60/3d', absent_hint=f'{__convert}/convert.py ntu --src NTU/nturgb+d_skeletons'
    ),
    ntu120=dict(
        ann_file=f'{__root}/ntu120/3d',
        absent_hint=f'{__convert}/convert.py ntu --src NTU/skeletons --num-classes 120',
    ),
    nw_ucla=dict(
        ann_file=f'{__root}/nw_ucla/3d', absent_hint=f'{__convert}/convert.py nw_ucla --src nw_ucla.npz'
    ),
    penn=dict(
        ann_file=f'{__root}/penn_action/2d',
        absent_hint=f'{__convert}/convert.py penn_action --src PENN_ACTION/labels',
    ),
    penn_chained=dict(ann_file=f'{__root}/penn_chained/2d', absent_hint=f'{__convert}/chain_penn_action.py'),
    pku_mmd=dict(
        ann_file=f'{__root}/pku_mmd/3d',
        absent_hint=f'{__convert}/convert.py pku_mmd --src SKELETONS --labels LABELS --cross-subject LIST',
    ),
    posecap=dict(
        ann_file=f'{__root}/posecap/2d',
        absent_hint='PoseCap-1M is not public; tools/build_dataset.py builds a set like it from your videos',
    ),
    posetics=dict(
        ann_file=f'{__root}/posetics/2d',
        absent_hint='Two ways forward: convert the real data with '
        'python tools/data/convert.py posetics --src POSETICS, '
        'or make the stand-in, procedurally generated motion, with bash tools/quickstart.sh '
        'and set MMACTREP_DATA_ROOT=data/standin',
    ),
    posetics_3d=dict(
        ann_file=f'{__root}/posetics/3d',
        absent_hint=f'{__convert}/convert.py posetics --src POSETICS --dims 3d',
    ),
    smarthome=dict(
        ann_file=f'{__root}/smarthome/2d',
        absent_hint=f'{__convert}/convert.py smarthome --src SMARTHOME/skeletons',
    ),
    synthetic=dict(
        ann_file=f'{__root}/synthetic/2d',
        absent_hint=f'{__convert}/make_standin.py --out data/synthetic/raw --train 6750 --test 900 && '
        'python tools/data/convert.py posetics --src data/synthetic/raw --out data/synthetic/2d',
    ),
    tsu=dict(
        ann_file=f'{__root}/tsu/2d',
        absent_hint=f'{__convert}/convert.py tsu --src TSU_POSES --annotation TSU.json',
    ),
    tsu_sample=dict(
        ann_file=f'{__root}/tsu_sample/2d',
        absent_hint=f'{__convert}/convert.py tsu --src FOLDER --annotation JSON --out data/tsu_sample/2d',
    ),
    uav_human=dict(
        ann_file=f'{__root}/uav_human/2d',
        absent_hint=f'{__convert}/convert.py uav_human --src UAV_HUMAN/Skeleton',
    ),
    utd_mhad=dict(
        ann_file=f'{__root}/utd_mhad/3d',
        absent_hint=f'{__convert}/convert.py utd_mhad --src UTD-MHAD/skeleton',
    ),
    utkinect=dict(
        ann_file=f'{__root}/utkinect/3d',
        absent_hint=f'{__convert}/convert.py utkinect --src UTKinect',
    ),
    untrimmed=dict(
        ann_file=f'{__root}/untrimmed/2d',
        absent_hint=f'{__convert}/make_untrimmed.py (its help shows both commands)',
    ),
)
