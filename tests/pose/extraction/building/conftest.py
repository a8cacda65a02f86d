"""The list of fake videos, written."""

from __future__ import annotations

import pytest

from mmactrep.pose.extraction.building.label_mapping import LabelMapping
from mmactrep.pose.extraction.building.sources import Source
from tests.helpers.building import LABELS, SPLITS


@pytest.fixture
def source(tmp_path):
    (tmp_path / 'videos').mkdir()
    lines = ['id,label,split']
    for name, label in LABELS.items():
        (tmp_path / 'videos' / f'{name}.mp4').write_bytes(b'x')
        lines.append(f'{name},{label},{SPLITS.get(name, "")}')
    (tmp_path / 'list.csv').write_text('\n'.join(lines) + '\n')
    mapping = LabelMapping(dict(sit='sitting', run='run', noise=None), 'refuse', 'map.txt')
    return Source(str(tmp_path / 'list.csv'), tmp_path / 'videos', mapping)
