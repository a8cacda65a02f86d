"""Lists and videos of all video data sets and the commands that make them, in one place.

A folder has a list of videos a split, ``path label`` a line, ``classes.txt``, the videos in ``videos`` (a
folder or a link), and optionally in ``cache`` a cache of them (``tools/data/cache_videos.py``), which is then
read instead.
"""

__root = '{{$MMACTREP_DATA_ROOT:data}}'
__annotate = 'Make it with: python tools/data/annotate_videos.py'

video_sets = dict(
    hmdb51=dict(
        folder=f'{__root}/hmdb51',
        data_prefix=dict(video=f'{__root}/hmdb51/videos'),
        absent_hint=f'{__annotate} hmdb51 --videos data/hmdb51/videos --annotations SPLITS --out data/hmdb51',
    ),
    kinetics400=dict(
        folder=f'{__root}/kinetics400',
        data_prefix=dict(video=f'{__root}/kinetics400/videos'),
        absent_hint=f'{__annotate} kinetics --videos data/kinetics400/videos --annotations train.csv '
        'validate.csv --out data/kinetics400',
    ),
    rendered=dict(
        folder=f'{__root}/rendered',
        data_prefix=dict(video=f'{__root}/rendered/videos'),
        absent_hint='Make it with: python tools/data/render_videos.py --out data/rendered',
    ),
    smarthome=dict(
        folder=f'{__root}/smarthome_rgb',
        data_prefix=dict(video=f'{__root}/smarthome_rgb/videos'),
        absent_hint=f'{__annotate} smarthome --videos data/smarthome_rgb/videos --out data/smarthome_rgb',
    ),
    ucf101=dict(
        folder=f'{__root}/ucf101',
        data_prefix=dict(video=f'{__root}/ucf101/videos'),
        absent_hint=f'{__annotate} ucf101 --videos data/ucf101/videos --annotations ucfTrainTestlist '
        '--out data/ucf101',
    ),
    ut_interaction=dict(
        folder=f'{__root}/ut_interaction',
        data_prefix=dict(video=f'{__root}/ut_interaction/videos'),
        absent_hint=f'{__annotate} ut_interaction --videos data/ut_interaction/videos '
        '--out data/ut_interaction',
    ),
    utd_mhad_depth=dict(
        folder=f'{__root}/utd_mhad_depth',
        data_prefix=dict(video=f'{__root}/utd_mhad_depth/videos'),
        absent_hint=f'{__annotate} utd_mhad --videos data/utd_mhad_depth/videos --out data/utd_mhad_depth',
    ),
)
