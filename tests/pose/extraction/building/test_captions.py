"""Captions of a data set: of a file, or the name of the class; read by what extracts their features."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mmactrep.apis.feature_extraction.sentences import Captions
from mmactrep.datasets.texts.captions import CaptionError
from mmactrep.pose.extraction.building.captions import CaptionReport, write_captions
from mmactrep.store.reader import SkeletonStore
from tests.helpers.building import Opener, build


def said(root):
    return json.loads((root / 'captions.json').read_text(encoding='utf-8'))


def test_names_of_classes_where_there_is_no_file(source, tmp_path):
    build(source, tmp_path / 'out')
    assert write_captions([source], tmp_path / 'out') == CaptionReport(named=5)
    assert said(tmp_path / 'out') == dict(a=['sitting'], b=['run'], c=['run'], half=['sitting'], d=['run'])


def test_sentences_of_a_file_by_the_names_of_clips_and_videos(source, tmp_path):
    content = {
        'a': 'somebody sits down',
        'b': ['a person runs', 'Läufer “schnell”'],
        'gone': 'nothing',
        'few': 'left out',
    }
    (tmp_path / 'said.json').write_text(json.dumps(content))
    source = replace(source, captions=tmp_path / 'said.json')
    build(source, tmp_path / 'out')
    assert write_captions([source], tmp_path / 'out') == CaptionReport(written=2, named=3)
    expected = dict(a=['somebody sits down'], b=['a person runs', 'Läufer “schnell”'])
    assert said(tmp_path / 'out') == expected | dict(c=['run'], half=['sitting'], d=['run'])
    # what extracts features of texts reads it
    captions = Captions(SkeletonStore(tmp_path / 'out' / '2d'), tmp_path / 'out' / 'captions.json')
    assert captions.of(1) == (['a person runs', 'Läufer “schnell”'], 'run') and captions.unknown == 0


def test_a_prefix_of_the_source_is_no_part_of_the_names_in_its_file(source, tmp_path):
    (tmp_path / 'said.json').write_text(json.dumps({'a': 'one', 'more/b': 'two'}))
    source = replace(source, captions=tmp_path / 'said.json', name='more')
    opener = Opener()
    build(
        source, tmp_path / 'out', lambda row: opener(replace(row, clip_id=row.clip_id.removeprefix('more/')))
    )
    write_captions([source], tmp_path / 'out')
    found = said(tmp_path / 'out')
    assert list(found) == ['more/a', 'more/b', 'more/c', 'more/half', 'more/d']
    assert found['more/a'] == ['one'] and found['more/b'] == ['two'] and found['more/c'] == ['run']


def test_clips_without_class_and_caption_have_no_entry(source, tmp_path):
    path = tmp_path / 'list.csv'
    path.write_text(path.read_text().replace('d,run,val', 'd,,val'))
    build(source, tmp_path / 'out')
    assert write_captions([source], tmp_path / 'out') == CaptionReport(named=4, without=1)
    assert 'd' not in said(tmp_path / 'out')


def test_a_file_that_holds_no_captions(source, tmp_path):
    (tmp_path / 'said.json').write_text('{"a": []}')
    build(source, tmp_path / 'out')
    with pytest.raises(CaptionError, match=r"said\.json: clip 'a': expected a sentence or a list"):
        write_captions([replace(source, captions=tmp_path / 'said.json')], tmp_path / 'out')
