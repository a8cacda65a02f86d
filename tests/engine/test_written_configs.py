"""The config that a training leaves in its work folder is the one that was trained."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from mmengine.config import Config

from mmactrep.datasets.pipelines import pipeline_steps
from mmactrep.engine.composed_config import compose_config
from mmactrep.engine.config_files import write_config
from mmactrep.engine.runner import ConfiguredRunner


def assert_same(found, expected):
    """Equal, and dictionaries in the same order."""
    assert type(found) is type(expected)
    if isinstance(expected, dict):
        assert list(found) == list(expected)
        for name in expected:
            assert_same(found[name], expected[name])
    elif isinstance(expected, (list, tuple)):
        assert len(found) == len(expected)
        for own, other in zip(found, expected):
            assert_same(own, other)
    else:
        assert found == expected


@pytest.mark.parametrize(
    ('name', 'overlays'),
    [
        ('unik_penn_2d_recommended', ('bone',)),
        ('unik_penn_2d_recommended', ('stgcnpp',)),
        ('configs/lac/lac_unik_posetics_2d.py', ()),
        ('configs/tmor/tmor_motions_2d.py', ()),
    ],
)
def test_it_is_read_back_in_order(tmp_path, name, overlays):
    cfg = compose_config(name, overlays)
    runner = SimpleNamespace(cfg=cfg, work_dir=str(tmp_path), timestamp='20260101')
    ConfiguredRunner.dump_config(runner)
    (written,) = tmp_path.iterdir()
    assert written.suffix == '.py'
    found = Config.fromfile(written)
    assert_same(found.to_dict(), cfg.to_dict())
    if name.startswith('unik'):
        steps = [step['type'] for step in pipeline_steps(found.train_dataloader.dataset.pipeline)]
        assert steps[0] == 'BoxNormalize' and steps[-1] == 'PackSkeletonInputs'


def test_a_config_in_the_work_folder_stays(tmp_path):
    path = tmp_path / 'mine.py'
    path.write_text('# a remark\nx = 1\n')
    runner = SimpleNamespace(cfg=Config.fromfile(path), work_dir=str(tmp_path), timestamp='t')
    ConfiguredRunner.dump_config(runner)
    assert path.read_text().startswith('# a remark')


def test_names_that_are_no_identifiers(tmp_path):
    write_config(Config({'a': {'b-c': (1, [2.5, None]), 'a': "x'y"}}), Path(tmp_path, 'new', 'a.py'))
    found = Config.fromfile(tmp_path / 'new' / 'a.py')
    assert_same(found.to_dict(), {'a': {'b-c': (1, [2.5, None]), 'a': "x'y"}})
