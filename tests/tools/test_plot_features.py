"""tools/analysis/plot_features.py on the features of an encoder; on codes: test_generator_commands.py."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mmactrep.datasets import SkeletonStoreWriter
from mmactrep.engine.run_figures import printed_figures
from tests.helpers.training import load_tool, restored_random_state, write_config

tool = load_tool('analysis/plot_features.py')


@pytest.fixture(scope='module')
def config(tmp_path_factory):
    """A test split of 12 clips of two classes, by three subjects; the third class has no clip."""
    folder = tmp_path_factory.mktemp('plot')
    rng = np.random.default_rng(0)
    with SkeletonStoreWriter(folder / 'store', 'posetics17', ['jump', 'sit', 'fly']) as writer:
        names = [f'a01_s{i % 3:02d}_e{i:02d}' for i in range(12)]
        for i, name in enumerate(names):
            writer.add(name, rng.normal(size=(1, 10, 17, 2)), label=int(i >= 6), img_shape=(480, 640))
        for split in ('train', 'test'):
            writer.add_split(split, names)
        writer.finish()
    return write_config(folder, folder / 'store')


def run(*arguments) -> int:
    with restored_random_state():
        return tool.main([str(argument) for argument in arguments])


def test_features_by_class_and_by_what_the_ids_say(config, tmp_path, capsys):
    assert run(config, 'none', '--out', tmp_path / 'a.png') == 0
    found = printed_figures(capsys.readouterr().out)
    names = ('features by class', 'features by subject')
    assert set(found) == {*names, *(f'{name} at random' for name in names)}
    assert found['features by class at random'] == pytest.approx(5 / 11, abs=1e-4)
    assert found['features by subject at random'] == pytest.approx(3 / 11, abs=1e-4)
    assert cv2.imread(str(tmp_path / 'a.png')) is not None
    assert run(config, 'none', '--out', tmp_path / 'b.png') == 0
    assert (cv2.imread(str(tmp_path / 'a.png')) == cv2.imread(str(tmp_path / 'b.png'))).all()


def test_chosen_classes_and_numbers_of_clips(config, tmp_path, capsys):
    assert run(config, 'none', '--classes', 'sit', '--out', tmp_path / 'a.png') == 0
    assert printed_figures(capsys.readouterr().out)['features by class at random'] == 1
    rows = tool.chosen_rows(np.array(list('aabbbc')), None, 4, seed=0)
    assert len(rows) == 4 and (np.diff(rows) > 0).all()
    assert tool.chosen_rows(np.array(list('aabbbc')), ['b'], 9, seed=0).tolist() == [2, 3, 4]


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['none', '--by', 'camera'], "do not say the camera; they say ['subject']"),
        (['none', '--classes', 'fly'], 'no clip of fly; there are jump, sit'),
        ([], 'expected [[CONFIG] CHECKPOINT]'),
        (['absent.pth'], 'no such checkpoint'),
    ],
)
def test_what_cannot_be_drawn_is_one_line(config, tmp_path, capsys, arguments, message):
    assert run(config, *arguments, '--out', tmp_path / 'x.png') == 1
    said = capsys.readouterr().err
    assert message in said and said.count('\n') == 1
    assert not (tmp_path / 'x.png').exists()
