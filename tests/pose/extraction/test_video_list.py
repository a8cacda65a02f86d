"""Lists of videos."""

from __future__ import annotations

import pytest

from mmactrep.pose.extraction.video_list import VideoJob, fingerprint, list_videos
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
        ('a.mp4,sit,../x', ['sit'], r"list.txt:2: expected a word as the name of a split, found '../x'"),
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
