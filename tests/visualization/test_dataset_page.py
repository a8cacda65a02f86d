"""The report of a data set: one file, nothing outside it, every number in it."""

from __future__ import annotations

import base64
import re
from collections import Counter
from html.parser import HTMLParser

import cv2
import numpy as np
import pytest

from mmactrep.pose.extraction.building.statistics import DatasetStatistics
from mmactrep.store.reader import SkeletonStore
from mmactrep.visualization.dataset_page import dataset_page, write_dataset_page
from tests.helpers.training import write_store


class Reader(HTMLParser):
    """Text, tags that are open, and the sources of pictures of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open, self.text, self.pictures, self.places = [], [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag == 'img':
            self.pictures.append(values['src'])
        self.places += [value for name, value in attrs if name in ('href', 'src')]
        if tag not in ('img', 'meta', 'br'):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def picture(source):
    content = base64.b64decode(source.removeprefix('data:image/png;base64,'), validate=True)
    return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)


def statistics(classes=5, clips=200):
    rng = np.random.default_rng(0)
    names = [f'class <{n}> & "more"' for n in range(classes)]
    counts = rng.integers(0, 50, classes)
    return DatasetStatistics(
        names, {'': clips, 'bad': 3, 'label': 12, 'nobody': 4, 'few': 31},
        {'': counts, 'train': counts // 2, 'val': counts - counts // 2},
        rng.integers(0, 9, (classes, 4)), Counter(noise=10, hum=2), 1, rng.integers(30, 300, clips),
        rng.uniform(1, 10, clips), rng.integers(1, 3, clips), np.array([50, 900, 300]),
        rng.uniform(0.5, 1, clips), rng.uniform(0, 1, clips), rng.uniform(0, 1, clips),
        dict(few=['list.csv:3: <b>x</b>']), 2, ['a: uneven'],
    )  # fmt: skip


@pytest.mark.parametrize('classes', [0, 1, 5, 300])
def test_everything_is_in_one_file(classes):
    sheet = np.full((50, 60, 3), 128, np.uint8)
    page = dataset_page(statistics(classes), sheet, 'My <data>', [('list rows', '250')])
    found = Reader(page)
    assert found.open == [] and found.places == found.pictures  # nothing is loaded from elsewhere
    assert len(found.pictures) == (4 if classes else 3)
    for source in found.pictures[:-1]:
        image = picture(source)
        assert image.shape[1] > 800 and (image != 255).any(axis=2).mean() > 0.005
    np.testing.assert_array_equal(picture(found.pictures[-1]), sheet)
    text = ' '.join(found.text)
    assert 'My <data>' in text and 'list.csv:3: <b>x</b>' in text and 'noise (10), hum (2)' in text
    for count in ('200', '31', '12', 'list rows', '250'):
        assert count in text
    if classes:
        assert f'class <{classes - 1}> & "more"' in text and f'All {classes} classes as a table' in text


def test_a_data_set_without_a_clip_of_known_length_or_confidence():
    bare = DatasetStatistics(['a'], {'': 1, 'bad': 0, 'label': 0, 'nobody': 0, 'few': 0}, {'': np.array([1])},
                             np.zeros((1, 4), int), frames=np.array([5]), seconds=np.array([np.nan]),
                             persons=np.array([1]), share=np.array([1.0]), confidence=np.array([np.nan]),
                             score=np.array([0.5]))  # fmt: skip
    assert 'unknown' in dataset_page(bare, None, 'bare')


def test_the_page_of_a_store(tmp_path):
    store = SkeletonStore(write_store(tmp_path / 'set' / '2d'))
    (store.root / 'videos.jsonl').write_text('')
    path = write_dataset_page(tmp_path / 'set', store)
    assert path == tmp_path / 'set' / 'report.html' and not list(tmp_path.glob('set/*.partial'))
    text = path.read_text(encoding='utf-8')
    assert re.search(r'<title>set</title>', text) and f'{len(store)}' in text
    sheet = picture(Reader(text).pictures[-1])
    assert len(np.unique(sheet.reshape(-1, 3), axis=0)) > 20  # skeletons are drawn
