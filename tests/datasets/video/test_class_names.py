"""Class names of lists of videos, and their number where there are no names."""

from __future__ import annotations

import pytest

from mmactrep.datasets.video.class_names import VideoListError, class_names, count_classes


def write(folder, text):
    path = folder / 'list.txt'
    path.write_text(text)
    return str(path)


def test_names_come_from_the_config_a_published_list_a_file_or_beside_the_list(tmp_path):
    ann_file = write(tmp_path, 'a.mp4 0\n')
    assert class_names(None, ann_file) is None
    assert class_names(('enter', 'leave'), ann_file) == ['enter', 'leave']
    assert class_names('smarthome/cv', ann_file)[0] == 'Cutbread'
    (tmp_path / 'classes.txt').write_text('come\ngo\n')
    assert class_names(None, ann_file) == class_names(str(tmp_path / 'classes.txt'), '') == ['come', 'go']


@pytest.mark.parametrize(
    ('text', 'count'),
    [('a.mp4 0\nb.mp4 4\n', 5), ('a.mp4,come\nb.mp4,go\nc.mp4,come\n', 2)],
)
def test_without_names_the_labels_tell_how_many_there_are(tmp_path, text, count):
    ann_file = write(tmp_path, text)
    assert count_classes(None, ann_file) == count
    assert count_classes('smarthome', ann_file) == 31


def test_what_has_no_classes(tmp_path):
    with pytest.raises(VideoListError, match='no such list of videos\nmake it'):
        count_classes(None, str(tmp_path / 'absent.txt'), 'make it')
    with pytest.raises(VideoListError, match='no labels'):
        count_classes(None, write(tmp_path, 'a.mp4\n'))
