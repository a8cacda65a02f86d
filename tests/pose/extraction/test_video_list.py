"""Lists of videos."""

from __future__ import annotations

import os

import pytest

from mmactrep.pose.extraction.video_list import VideoJob, fingerprint, list_videos, read_classes
from mmactrep.store.format import BadClipError


@pytest.fixture
def folder(tmp_path):
    for name in ('b/one.mp4', 'a/two.AVI', 'a/one.mp4', 'a/notes.txt', 'three.mov'):
        path = tmp_path / 'videos' / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b'x')
    return tmp_path / 'videos'


def names(jobs):
    return [job.clip_id for job in jobs]


def test_a_folder_with_its_subfolders_in_the_order_of_names(folder):
    jobs = list_videos([folder])
    assert names(jobs) == ['a/one', 'two', 'b/one', 'three']
    assert jobs[1] == VideoJob(folder / 'a' / 'two.AVI', 'two', -1)


def test_files_keep_their_order(folder):
    assert names(list_videos([folder / 'three.mov', folder / 'a' / 'two.AVI'])) == ['three', 'two']


def test_the_same_name_with_several_endings(tmp_path):
    for name in ('x.mp4', 'x.avi'):
        (tmp_path / name).write_bytes(b'x')
    assert names(list_videos([tmp_path])) == ['x.avi', 'x.mp4']


def test_a_list_with_labels_by_name_or_index(tmp_path):
    text = '# path,label\nclips/a.mp4,run\n\nclips/b.mp4,0\nclips/c, with comma.mp4\nclips/d.mp4,-1\n'
    (tmp_path / 'list.txt').write_text(text)
    jobs = list_videos([tmp_path / 'list.txt'], ['sit', 'run'])
    assert [(job.clip_id, job.label) for job in jobs] == [
        ('a', 1),
        ('b', 0),
        ('c, with comma', -1),
        ('d', -1),
    ]
    assert jobs[0].path == tmp_path / 'clips' / 'a.mp4'  # relative to the list; it may be absent


def test_a_list_with_splits(tmp_path):
    (tmp_path / 'list.csv').write_text('a.mp4,run,train\nb, c.mp4, 0, test\nd.mp4,,train\ne.mp4,1\n')
    jobs = list_videos([tmp_path / 'list.csv'], ['sit', 'run'])
    assert [(job.clip_id, job.label, job.split) for job in jobs] == [
        ('a', 1, 'train'),
        ('b, c', 0, 'test'),
        ('d', -1, 'train'),
        ('e', 1, ''),
    ]


@pytest.mark.parametrize(
    ('line', 'classes', 'message'),
    [
        ('a.mp4,sit,../x', ['sit'], r"list.txt:2: the name of a split consists of .*found '../x'"),
        ('a.mp4,sit,train,x', ['sit'], r"list.txt:2: expected 'path,label,split' at most"),
        ('a.mp4,jump', ['sit', 'run'], r"list.txt:2: expected one of 2 classes or their index, found 'jump'"),
        ('a.mp4,2', ['sit', 'run'], r"list.txt:2: expected one of 2 classes.*found '2'"),
        ('a.mp4,0', [], r"list.txt:2: expected no label, as no classes are given, found '0'"),
        ('first.mp4', [], r'first.mp4 is named 2 times'),
    ],
)
def test_bad_lines_are_named(tmp_path, line, classes, message):
    (tmp_path / 'list.txt').write_text(f'first.mp4\n{line}\n')
    with pytest.raises(BadClipError, match=message):
        list_videos([tmp_path / 'list.txt'], classes)


def test_nothing_to_do_is_an_error(tmp_path):
    with pytest.raises(BadClipError, match='no videos'):
        list_videos([tmp_path])
    with pytest.raises(FileNotFoundError, match=r'absent: no such video, folder or list'):
        list_videos([tmp_path / 'absent'])
    (tmp_path / 'list.txt').write_bytes(b'\xff\xfe\x00')
    with pytest.raises(BadClipError, match=r'list.txt: expected a list of videos in UTF-8'):
        list_videos([tmp_path / 'list.txt'])


def test_the_fingerprint_tells_names_labels_and_order_not_places(tmp_path):
    jobs = [VideoJob(tmp_path / 'a.mp4', 'a', 1), VideoJob(tmp_path / 'b.mp4', 'b', 0)]
    elsewhere = [VideoJob(tmp_path / 'x' / 'a.mp4', 'a', 1), VideoJob(tmp_path / 'x' / 'b.mp4', 'b', 0)]
    assert fingerprint(jobs) == fingerprint(elsewhere)
    assert (
        len({fingerprint(j) for j in (jobs, jobs[::-1], jobs[:1], [jobs[0], VideoJob(jobs[1].path, 'b', 1)])})
        == 4
    )


CLASSES = ['walk', 'sit down']


@pytest.mark.parametrize(
    ('content', 'expected'),
    [
        ('\ufeffv/a.mp4,walk,train\r\nv/d e.MP4,sit down,test\r\n', [(0, 'train'), (1, 'test')]),
        ('"v/a.mp4","walk","train"\n"v/d e.MP4","sit down","test"\n', [(0, 'train'), (1, 'test')]),
        ('v/a.mp4;walk;train\nv/d e.MP4;sit down;test', [(0, 'train'), (1, 'test')]),
        ('v/a.mp4\twalk\ttrain\nv/d e.MP4\tsit down\ttest', [(0, 'train'), (1, 'test')]),
        ('v/a.mp4 0\nv/d e.MP4 1\n', [(0, ''), (1, '')]),
        ('v/a.mp4 walk\nv/d e.MP4 sit down\n', [(0, ''), (1, '')]),
        ('path,label,split\nv/a.mp4,0,train\nv/d e.MP4,"sit down",\n', [(0, 'train'), (1, '')]),
        ('video;class\nv/a.mp4;0\nv/d e.MP4;1\n', [(0, ''), (1, '')]),
        ('v/a.mp4\n\n# a note\nv/d e.MP4', [(-1, ''), (-1, '')]),
        ('v/a.mp4 , walk , train\n"v/d e.MP4" , "sit down"\n', [(0, 'train'), (1, '')]),
    ],
)
def test_lists_as_people_write_them(tmp_path, content, expected):
    (tmp_path / 'list.csv').write_text(content, encoding='utf-8', newline='')
    jobs = list_videos([tmp_path / 'list.csv'], CLASSES)
    assert [job.path.relative_to(tmp_path).as_posix() for job in jobs] == ['v/a.mp4', 'v/d e.MP4']
    assert [(job.label, job.split) for job in jobs] == expected


def test_utf_16_as_spreadsheets_write_it(tmp_path):
    (tmp_path / 'list.txt').write_bytes('v/ä.mp4\twalk\n'.encode('utf-16'))
    (job,) = list_videos([tmp_path / 'list.txt'], CLASSES)
    assert job.clip_id == 'ä' and job.label == 0


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('a.mp4,walk\nb.mp4;walk\n', r'list.txt:2: the path is followed by a semicolon, in .*:1 by a comma'),
        ('a.mp4 0\nb.mp4\t0\n', r'list.txt:2: the path is followed by a tab, in .*:1 by a blank'),
        ('label,path\n0,a.mp4\n', r'list.txt:1: expected the columns path, label, split in this order'),
        ('"a.mp4,walk\n', r'list.txt:1: expected a closing quote behind the path'),
        ('a.mp4,"walk\n', r'list.txt:1: expected fields, with quotes in pairs'),
        ('a.mp4 0 1\n', r"list.txt:1: expected one of 2 classes or their index, found '0 1'"),
        ('walk,a.mp4\n', r"list.txt:1: 'walk' stands before the path; expected path, label, split"),
        ('1;a.mp4\n', r"list.txt:1: '1' stands before the path"),
        ('nothing here\n', r'list.txt:1: expected the path of a video, found .nothing here.'),
        ('a.mp4,9999999999999999999999\n', r'list.txt:1: expected one of 2 classes or their index'),
        ('a.mp4,walk,../../x\n', r'list.txt:1: the name of a split consists of'),
    ],
)  # fmt: skip
def test_lists_that_can_be_read_in_two_ways_or_in_none_are_refused(tmp_path, content, message):
    (tmp_path / 'list.txt').write_text(content)
    with pytest.raises(BadClipError, match=message):
        list_videos([tmp_path / 'list.txt'], CLASSES)


def test_names_that_are_no_text_become_names_that_can_be_printed(tmp_path):
    for name in (b'caf\xe9.mp4', 'café.mp4'.encode(), b'two\nlines.mp4'):
        with open(os.path.join(os.fsencode(tmp_path), name), 'wb') as file:
            file.write(b'x')
    jobs = list_videos([tmp_path])
    assert sorted(names(jobs)) == ['caf%E9', 'café', 'two%0Alines']
    assert all(job.path.exists() for job in jobs) and len(fingerprint(jobs)) == 64
    # a list made by `ls` in such a folder holds the bytes themselves
    (tmp_path / 'list.txt').write_bytes(b'caf\xe9.mp4,walk\ncaf\xc3\xa9.mp4,walk\n')
    jobs = list_videos([tmp_path / 'list.txt'], CLASSES)
    assert names(jobs) == ['caf%E9', 'café'] and all(job.path.exists() for job in jobs)


def test_names_that_cannot_be_told_apart_are_refused(tmp_path):
    for name in (b'caf\xe9.mp4', b'caf%E9.mp4'):
        with open(os.path.join(os.fsencode(tmp_path), name), 'wb') as file:
            file.write(b'x')
    with pytest.raises(BadClipError, match="would both be the clip 'caf%E9': rename one"):
        list_videos([tmp_path])


def test_the_lists_of_the_cases(shared_data):
    folder = shared_data.parent / 'cases' / 'lists'
    if not folder.is_dir():
        pytest.skip('no ../shared/cases')
    classes = read_classes(folder / 'classes_bom.txt')
    assert classes == CLASSES
    found = {
        path.name: [
            (job.path.relative_to(folder).as_posix(), job.label, job.split)
            for job in list_videos([path], classes)
        ]
        for path in folder.iterdir()
        if not path.name.startswith('classes')
    }
    assert found == {
        'bom.csv': [('v/a.mp4', 0, 'train'), ('v/d e.MP4', 1, 'test')],
        'quoted.csv': [('v/a.mp4', 0, 'train'), ('v/b, c.mp4', 1, 'test')],
        'semicolon.csv': [('v/a.mp4', 0, 'train')],
        'tabs.txt': [('v/a.mp4', 0, 'train')],
        'mmaction.txt': [('v/a.mp4', 0, ''), ('v/d e.MP4', 1, '')],
    }
