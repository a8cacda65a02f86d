"""Layouts by name, file and store."""

from __future__ import annotations

import argparse
import json

import numpy as np
import pytest

from mmactrep.files import BadFileError
from mmactrep.store import SkeletonStoreWriter
from mmactrep.store.layout_source import find_layout, layout_argument
from mmactrep.structures import SkeletonLayout, UnknownLayoutError, get_layout

HAND = SkeletonLayout('hand', ('wrist', 'thumb', 'index'), {'thumb': 'wrist', 'index': 'wrist'})


def test_a_layout_by_name_file_and_store(tmp_path):
    assert find_layout('coco17') is get_layout('coco17') and find_layout(HAND) is HAND
    file = tmp_path / 'hand.json'
    file.write_text(json.dumps(HAND.to_dict()))
    assert find_layout(file) == HAND
    with SkeletonStoreWriter(tmp_path / 'store', HAND) as writer:
        writer.add('a', np.ones((1, 4, 3, 2)), img_shape=(10, 10))
        writer.finish()
    assert find_layout(str(tmp_path / 'store')) == HAND
    assert layout_argument(str(file)) == HAND


def test_what_is_no_layout(tmp_path):
    with pytest.raises(UnknownLayoutError, match="unknown skeleton layout 'coco', and no such"):
        find_layout('coco')
    file = tmp_path / 'x.json'
    for content, message in (
        ('[1]', 'expected a layout'),
        ('{"name": "x"}', 'expected a layout'),
        ('{"name": "x", "joints": ["a", "a"], "parents": {}}', 'expected a skeleton layout: .*unique'),
        ('{"name": "x", "joints": ["a", "b"], "parents": {"b": "a"}, "color": 1}', 'x.json: .*color'),
        ('{"name": "x", "joints": 3, "parents": {}}', 'x.json: expected a skeleton layout'),
    ):
        file.write_text(content)
        with pytest.raises(BadFileError, match=message):
            find_layout(file)
    with pytest.raises(argparse.ArgumentTypeError, match='known are'):
        layout_argument('coco')
