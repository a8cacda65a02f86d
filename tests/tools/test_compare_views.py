"""Generated clips beside real ones, as a user prints them."""

from __future__ import annotations

import re

import pytest
import torch
from mmengine.config import Config

from mmactrep.engine.trained_on import GENERATOR as TRAINED
from mmactrep.engine.trained_on import generator_config
from tests.helpers.pretraining import GENERATOR, build, make_batch
from tests.helpers.training import REPO, load_tool, write_store

CONFIG = str(REPO / 'configs' / 'lac' / 'lac_unik_penn_2d.py')
MOCO = CONFIG.replace('.py', '_moco.py')
NAMES = ('extent', 'movement', 'change', 'roughness', 'path', 'missing')


@pytest.fixture
def tool(tmp_path, monkeypatch):
    monkeypatch.setenv('MMACTREP_DATA_ROOT', str(tmp_path))
    write_store(tmp_path / 'penn_action' / '2d', train=40, test=3)
    return load_tool('analysis/compare_views.py')


@pytest.fixture
def checkpoint(tmp_path):
    generator = build('LAC').composer.generator
    state = {f'generator.{name}': value for name, value in generator.state_dict().items()}
    meta = {TRAINED: generator_config(Config(dict(model=dict(generator=GENERATOR))), generator.layout)}
    torch.save(dict(state_dict=state, meta=meta), tmp_path / 'generator.pth')
    return str(tmp_path / 'generator.pth')


def rows(text: str) -> dict[str, dict[str, float]]:
    header, *lines = [line for line in text.splitlines() if re.match(r'clips  |\S.* [\d.]+ +[\d.]+$', line)]
    assert header.split() == ['clips', *NAMES]
    return {line[:26].strip(): dict(zip(NAMES, map(float, line[26:].split()))) for line in lines}


def run(tool, capsys, config, *arguments):
    assert tool.main([config, '--clips', '32', *arguments]) == 0
    return rows(capsys.readouterr().out)


def test_what_is_generated_stands_beside_what_is_real(tool, checkpoint, capsys):
    found = run(tool, capsys, CONFIG, '--checkpoint', checkpoint)
    assert list(found) == [
        'real',
        'regenerated',
        'composed',
        'composed, other static',
        'real, augmented',
        'composed, augmented',
    ]
    boxed = ('real', 'regenerated', 'composed', 'composed, other static')
    assert [found[kind]['extent'] for kind in boxed] == [2.0] * 4
    # the clips of the store are stiff bodies that move on evenly
    assert found['real']['movement'] < 1e-3 and found['real']['path'] > 1
    assert found['real, augmented']['change'] > 10 * found['real']['change'], 'jitter'
    option = ['--cfg-options', 'model.composer.normalize=None']
    unboxed = run(tool, capsys, CONFIG, '--checkpoint', checkpoint, *option)
    assert unboxed['real'] == found['real'] and abs(unboxed['composed']['extent'] - 2) > 0.05


def test_without_a_generator_there_are_real_clips_alone(tool, checkpoint, capsys):
    assert list(run(tool, capsys, MOCO)) == ['real', 'real, augmented']
    assert tool.main([MOCO, '--checkpoint', checkpoint])
    assert 'it generates nothing' in capsys.readouterr().err


def test_another_config_is_refused(tool, capsys):
    assert tool.main([str(REPO / 'configs' / 'unik' / 'unik_penn_2d_small.py')])
    assert 'expected a config of pre-training, found RecognizerGCN' in capsys.readouterr().err


def test_the_views_are_those_of_the_composer(tool):
    model = build('LAC', composer=dict(generator=GENERATOR, num_motions=3, original_fraction=0.7))
    clips = make_batch(5)[0][:, 0]
    torch.manual_seed(0)
    views = tool.views_of(model, clips)
    assert views['real'] is clips
    assert list(views) == ['real', 'regenerated', 'composed', 'composed, other static']
    assert (model.composer.num_motions, model.composer.original_fraction) == (3, 0.7)
    model.composer.num_motions, model.composer.original_fraction = 1, 0.0
    torch.testing.assert_close(views['regenerated'], model.composer(clips, 1).query)
    assert not torch.isclose(views['composed'], clips).all(dim=(1, 2, 3, 4)).any(), 'none is original'
