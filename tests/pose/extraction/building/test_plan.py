"""From lists, folders and configs to rows: nothing is lost, and what is wrong is named."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from pathlib import Path

import pytest

from mmactrep.pose.extraction.building.config import one_source, read_build_config
from mmactrep.pose.extraction.building.listed import BuildError
from mmactrep.pose.extraction.building.plan import make_plan
from mmactrep.pose.extraction.building.sources import Source, clip_name
from mmactrep.store.shards import Shard

KINETICS = """\
label,youtube_id,time_start,time_end,split
making cakes,-aaaaaaaaaa,12,22,train
"making sushi",_bbbbbbbbbb,0,10,train
washing hair,cccccccccc1,84.5,94.5,validate
slacklining,dddddddddd1,1,11,validate
"""
MAPPING = """\
making cakes -> making food
making sushi -> making food
washing hair -> washing hair
slacklining -> -
"""


@pytest.fixture
def put(tmp_path, monkeypatch):
    """Writes files below a folder, in which the test runs."""
    monkeypatch.chdir(tmp_path)

    def write(**files):
        for name, content in files.items():
            path = Path(name.replace('__', '/').replace('_DOT_', '.'))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(content))

    def touch(*names):
        for name in names:
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_bytes(b'x')

    write.touch = touch
    return write


@pytest.fixture
def kinetics(put):
    put(train_DOT_csv=KINETICS, map_DOT_txt=MAPPING)
    put.touch(
        'videos/making cakes/-aaaaaaaaaa_000012_000022.mp4',
        'videos/_bbbbbbbbbb.mkv',
        'videos/x/cccccccccc1.mp4',
        'videos/x/dddddddddd1.mp4',
    )
    return one_source('train.csv', Path('videos'), Path('map.txt'))


def test_rows_of_kinetics_with_their_videos_classes_and_times(kinetics):
    plan = make_plan([kinetics])
    assert (
        plan.classes == ['making food', 'washing hair']
        and plan.splits == ['train', 'val']
        and plan.notes == []
    )
    assert [(row.clip_id, row.label, row.splits, row.dropped) for row in plan.rows] == [
        ('-aaaaaaaaaa_000012_000022', 'making food', ('train',), False),
        ('_bbbbbbbbbb_000000_000010', 'making food', ('train',), False),
        ('cccccccccc1_000084.500_000094.500', 'washing hair', ('val',), False),
        ('dddddddddd1_000001_000011', 'slacklining', ('val',), True),
    ]
    assert [row.where for row in plan.rows] == [f'train.csv:{number}' for number in (2, 3, 4, 5)]
    # a file named after the times is cut already, others are to be cut
    assert [(row.path, row.start, row.end) for row in plan.rows[:3]] == [
        ('videos/making cakes/-aaaaaaaaaa_000012_000022.mp4', None, None),
        ('videos/_bbbbbbbbbb.mkv', 0, 10),
        ('videos/x/cccccccccc1.mp4', 84.5, 94.5),
    ]


@pytest.mark.parametrize(('trimmed', 'times'), [(True, [(None, None)] * 2), (False, [(12, 22), (0, 10)])])
def test_whether_files_are_cut_can_be_said(kinetics, trimmed, times):
    source = one_source('train.csv', Path('videos'), Path('map.txt'), trimmed=trimmed)
    assert [(row.start, row.end) for row in make_plan([source]).rows[:2]] == times


@pytest.mark.parametrize(
    ('line', 'message'),
    [
        ('washing feet,zzz,1,2,train', r"csv:6: label 'washing feet' is not in map\.txt; did you mean 'w"),
        ('washing hair,zzz,5,5,train', r'^train\.csv:6: it ends at 5 s, not after its start at 5 s'),
        ('washing hair,zzz,5,2.5,train', r'^train\.csv:6: it ends at 2\.5 s, not after its start at 5 s'),
        ('washing hair,zzz,x,2,train', r"^train\.csv:6: start: expected seconds from 0 on, found 'x'"),
        ('washing hair,zzz,1,-2,train', r"^train\.csv:6: end: expected seconds from 0 on, found '-2'"),
        ('washing hair,zzz,1,inf,train', r'^train\.csv:6: end: expected seconds'),
        ('washing hair,zzz,1,2,train,more', r'^train\.csv:6: expected 5 fields, found 6'),
        ('washing hair,zzz,1', r'^train\.csv:6: expected 5 fields, found 3'),
        ('washing hair,,1,2,train', r'^train\.csv:6: it names no video'),
        ('washing hair,../zzz,1,2,train', r"^train\.csv:6: the name of a clip must not .* contain '\.\.'"),
        ('washing hair,zzz,1,2,my split', r"^train\.csv:6: the name of a split .* found 'my split'"),
        ('washing hair,zzz,1,2,train', r'csv:6: no video, or several, named zzz_0.* or zzz below videos'),
        ('making cakes,-aaaaaaaaaa,12,22,test', r"csv:6: its clip '-a.*' is that of train\.csv:2 too"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_used_is_named_or_kept_to_be_listed(kinetics, line, message):
    with open('train.csv', 'a') as file:
        file.write(f'{line}\n')
    with pytest.raises(BuildError, match=message) as raised:
        make_plan([kinetics])
    assert '--skip-bad lists such rows and goes on' in str(raised.value)
    plan = make_plan([kinetics], skip_bad=True)
    assert len(plan.rows) == plan.total == 5 and [bool(row.problem) for row in plan.rows] == [False] * 4 + [
        True
    ]
    assert str(raised.value).startswith(plan.rows[4].problem)
    assert plan.classes == ['making food', 'washing hair']


def test_several_bad_rows_are_counted(kinetics):
    with open('train.csv', 'a') as file:
        file.write('washing hair,y,5,2,train\nwashing hair,z,5,2,train\n')
    with pytest.raises(BuildError, match=r'^train\.csv:6: .*, and 1 more rows like it \('):
        make_plan([kinetics])


def test_shards_divide_the_rows_and_agree_on_everything_else(kinetics):
    with open('train.csv', 'a') as file:
        file.write('washing hair,gone,5,9,train\nwashing hair,cccccccccc1,1,2,train\n')
    whole = make_plan([kinetics], skip_bad=True)
    parts = [make_plan([kinetics], Shard(i, 4), skip_bad=True) for i in range(4)]
    assert [row for part in parts for row in part.rows] == whole.rows and len(whole.rows) == 6
    for part in parts:
        assert (part.total, part.sha256, part.classes) == (whole.total, whole.sha256, whole.classes)
    # only the process that has the row looks for its video
    make_plan([kinetics], Shard(0, 4))
    with pytest.raises(BuildError, match=r'train\.csv:6: no video'):
        make_plan([kinetics], Shard(3, 4))


def test_the_checksum_tells_lists_apart_but_not_places(kinetics, put):
    first = make_plan([kinetics]).sha256
    Path('videos').rename('elsewhere')
    Path('train.csv').rename('other.csv')
    assert make_plan([one_source('other.csv', Path('elsewhere'), Path('map.txt'))]).sha256 == first
    assert make_plan([one_source('other.csv', Path('elsewhere'))]).sha256 != first


def test_columns_may_have_other_names_and_separators(put):
    put(
        a_DOT_tsv='id\tstart\tend\tlabel\nv\t1.5\t3\tsit\n\nv\t\t\tsit\nw\t2\t\t\n',
        videos__v_DOT_mp4='',
        videos__w_DOT_mp4='',
    )
    rows = make_plan([one_source('a.tsv', Path('videos'))]).rows
    assert [row.clip_id for row in rows] == ['v_000001.500_000003', 'v', 'w_000002_end']
    assert [(row.start, row.end, row.label) for row in rows] == [
        (1.5, 3, 'sit'),
        (None, None, 'sit'),
        (2, None, ''),
    ]
    put(b_DOT_csv='clip,from,classname\nv,1,sit\n')
    columns = dict(id='clip', start='from')
    (row,) = make_plan([Source('b.csv', Path('videos'), columns=columns)]).rows
    assert (row.clip_id, row.label, row.start) == ('v_000001_end', 'sit', 1)
    with pytest.raises(BuildError, match=r"b\.csv: expected a column 'until', found 'clip,from,classname'"):
        make_plan([Source('b.csv', Path('videos'), columns=dict(columns, end='until'))])


def test_folders_of_classes_are_labels_and_those_of_splits_splits(put):
    put.touch('v/train/sit/a.mp4', 'v/train/run/b.avi', 'v/val/sit/sub/c.mp4', 'v/jump/d.mp4', 'v/notes.txt')
    rows = make_plan([one_source('v')]).rows
    assert [(row.clip_id, row.label, row.splits) for row in rows] == [
        ('jump/d', 'jump', ()), ('train/run/b', 'run', ('train',)), ('train/sit/a', 'sit', ('train',)),
        ('val/sit/sub/c', 'sit', ('val',)),
    ]  # fmt: skip
    assert rows[0].path == 'v/jump/d.mp4'
    put.touch('v/e.mp4', 'v/test/f.mp4')
    with pytest.raises(BuildError, match=r'^v/e\.mp4: it lies in no folder of a class below v, and 1 more'):
        make_plan([one_source('v')])
    put.touch('v/jump/d.mkv')
    Path('v/e.mp4').unlink(), Path('v/test/f.mp4').unlink()
    with pytest.raises(BuildError, match=r"^v/jump/d\.mp4: its clip 'jump/d' is that of v/jump/d\.mkv too"):
        make_plan([one_source('v')])


def test_lists_of_annotate_videos_and_extract_poses(put):
    put(lists__train_DOT_txt='sit/a.mp4 1\nrun/b.mp4 0\n', lists__classes_DOT_txt='run\nsit\n')
    put.touch('v/sit/a.mp4', 'v/run/b.mp4')
    plan = make_plan([one_source('lists/train.txt', Path('v'), split='train')])
    assert [(row.clip_id, row.label, row.splits, row.path) for row in plan.rows] == [
        ('sit/a', 'sit', ('train',), 'v/sit/a.mp4'), ('run/b', 'run', ('train',), 'v/run/b.mp4'),
    ]  # fmt: skip
    put(mine_DOT_csv='v/sit/a.mp4,sitting,test\nv/run/gone.mp4,running\n')
    rows = make_plan([one_source('mine.csv')], skip_bad=True).rows
    assert [(row.clip_id, row.label, row.splits) for row in rows] == [
        ('v/sit/a', 'sitting', ('test',)), ('v/run/gone', 'running', ()),
    ]  # fmt: skip
    assert rows[1].problem == 'mine.csv:2: no video v/run/gone.mp4'


def test_data_sets_that_the_toolbox_knows_by_name(put):
    put.touch('ut/set1/0_1_4.avi', 'ut/set1/1_2_0.avi', 'ut/set1/60_1_6.avi')
    plan = make_plan([one_source('ut_interaction', Path('ut'))])
    assert [(row.clip_id, row.label) for row in plan.rows] == [
        ('set1/0_1_4', 'punch'),
        ('set1/1_2_0', 'hand shaking'),
    ]
    assert {'set1', 'set1_seq01_test', 'set1_seq02_train'} <= set(plan.rows[0].splits)
    kept = make_plan([Source('ut_interaction', Path('ut'), options=dict(background=True))])
    assert [row.label for row in kept.rows] == ['punch', 'hand shaking', 'background']
    with pytest.raises(
        BuildError, match=r"data set 'ut_interaction': expected options \['background'\], unknown"
    ):
        make_plan([Source('ut_interaction', Path('ut'), options=dict(foreground=True))])
    with pytest.raises(BuildError, match="data set 'ut_interaction': expected the folder of its videos"):
        one_source('ut_interaction')


def test_several_sources_of_a_config(put):
    put(
        lists__k400_DOT_csv=KINETICS,
        lists__map_DOT_txt=MAPPING,
        lists__small_DOT_txt='sit -> sitting\n* -> -\n',
    )
    put.touch(
        *(f'data/k/{name}.mp4' for name in ('-aaaaaaaaaa', '_bbbbbbbbbb', 'cccccccccc1', 'dddddddddd1'))
    )
    put.touch('data/folders/sit/a.mp4', 'data/folders/run/b.mp4', 'data/folders/sit/set2_c.mp4')
    config = dict(
        sources=[
            dict(path='k400.csv', videos='k', mapping='map.txt', name='k400'),
            dict(path='folders', mapping='small.txt', split='train', splits=dict(test='set2')),
        ]
    )
    Path('lists/all.json').write_text(json.dumps(config))
    Path('lists/all.py').write_text(f'sources = {config["sources"]!r}\n')
    for name in ('all.json', 'all.py'):
        found = read_build_config(Path('lists', name), Path('data'))
        plan = make_plan(found.sources)
        assert plan.classes == ['making food', 'sitting', 'washing hair'] and found.classes is None
        assert [row.clip_id for row in plan.rows][::3] == [
            'k400/-aaaaaaaaaa_000012_000022',
            'k400/dddddddddd1_000001_000011',
            'sit/set2_c',
        ]
        assert Counter(split for row in plan.rows for split in row.splits) == dict(train=4, val=2, test=1)
        assert [row.dropped for row in plan.rows] == [False] * 3 + [True, True, False, False]
        assert [row.source for row in plan.rows] == [0] * 4 + [1] * 3


@pytest.mark.parametrize(
    ('config', 'message'),
    [
        (dict(), r"c\.json: expected a list 'sources' and perhaps 'classes', found None"),
        (dict(sources=[]), "expected a list 'sources'"),
        (dict(sources=[{}], more=1), r"unknown are \['more'\]"),
        (dict(sources=['a.csv']), r"c\.json: source 0: expected an object with a 'path', found 'a\.csv'"),
        (dict(sources=[dict(path='v'), dict(path='v', labels='m')]), r"source 1: unknown are \['labels'\]"),
        (dict(sources=[dict(path='v', split=1)]), "source 0: expected 'split' to be text, found 1"),
        (dict(sources=[dict(path='absent')]), 'absent: no such list or folder, and no data set of that name'),
        (dict(sources=[dict(path='v', splits=dict(a='('))]), r"v: split 'a': expected a regular expression"),
        (dict(sources=[dict(path='v', name='../x')]), 'v: name of the source: the name of a clip must not'),
        (dict(sources=[dict(path='v')], classes=['a']), "expected 'classes' to be the path of a text file"),
    ],
)  # fmt: skip
def test_configs_that_cannot_be_used(put, config, message):
    put.touch('v/sit/a.mp4')
    Path('c.json').write_text(json.dumps(config))
    with pytest.raises(BuildError, match=message):
        read_build_config(Path('c.json'))


def test_classes_of_a_file_keep_their_order_and_refuse_others(put):
    put.touch('v/sit/a.mp4', 'v/run/b.mp4')
    assert make_plan([one_source('v')], classes=['sit', 'run', 'never']).classes == ['sit', 'run', 'never']
    with pytest.raises(BuildError, match=r"^v/run/b\.mp4: 'run' is not one of the 1 classes"):
        make_plan([one_source('v')], classes=['sit'])


def test_labels_of_a_mapping_that_no_row_has_are_noted(put):
    put(m_DOT_txt='sit -> sitting\nrun -> running\njmup -> -\n')
    put.touch('v/sit/a.mp4')
    assert make_plan([one_source('v', mapping=Path('m.txt'))]).notes == [
        "m.txt: no row has the label 'jmup', 'run'"
    ]


def test_lists_without_a_clip_are_refused(put):
    put(a_DOT_csv='id,label\n', b_DOT_csv='id,label\nv,sit\n', m_DOT_txt='sit -> -\n')
    put.touch('v.mp4')
    with pytest.raises(BuildError, match=r'no clips in a\.csv'):
        make_plan([one_source('a.csv')])
    with pytest.raises(BuildError, match='none of the 1 rows can be used'):
        make_plan([one_source('b.csv', mapping=Path('m.txt'))])


def test_names_of_parts():
    assert clip_name('a', 0, 10) == 'a_000000_000010' and clip_name('a', None, 3.25) == 'a_000000_000003.250'
