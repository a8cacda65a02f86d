"""Kinetics-400 as Posetics uses it (thesis 3.5): ``tools/build_dataset.py`` with ``--videos KINETICS``.

KINETICS holds the lists and a folder of videos for each. Complete ``kinetics400.txt`` before a serious run.
"""

sources = [
    dict(path='train.csv', videos='train', mapping='kinetics400.txt', split='train'),
    dict(path='validate.csv', videos='val', mapping='kinetics400.txt', split='val'),
]
