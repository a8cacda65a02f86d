"""MoveNet's files: where they are looked for, and which are refused."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from mmactrep.pose.experts import ExpertUnavailableError, UnknownExpertError, build_expert
from mmactrep.pose.experts.movenet_model import MoveNet, find_file, require_model
from tests.helpers.onnx_files import FLOAT, INT32, write_network


@pytest.fixture
def runtime():
    pytest.importorskip('onnxruntime', reason='needs onnxruntime: requirements/movenet.txt')


@pytest.fixture
def weights(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv('MMACTREP_WEIGHTS', str(tmp_path))
    return tmp_path


def test_without_its_file_it_says_how_to_get_it(weights):
    with pytest.raises(ExpertUnavailableError) as error:
        build_expert('movenet-thunder')
    assert 'movenet-multipose.onnx is not in' in str(error.value)
    assert str(weights) in str(error.value) and 'bash tools/get_movenet.sh' in str(error.value)
    with pytest.raises(ExpertUnavailableError, match=r'movenet-lightning\.onnx is not in'):
        find_file('lightning')


def test_without_onnxruntime_it_says_how_to_get_it(weights, monkeypatch):
    (weights / 'movenet-thunder.onnx').write_bytes(b'x')
    monkeypatch.setitem(sys.modules, 'onnxruntime', None)
    with pytest.raises(ExpertUnavailableError, match=r'pip install .* -r requirements/movenet\.txt'):
        require_model('thunder')


def test_an_unknown_model(weights):
    for make in (
        lambda: find_file('singlepose'),
        lambda: build_expert(dict(type='MoveNetExpert', model='x')),
    ):
        with pytest.raises(UnknownExpertError, match='it has multipose, thunder, lightning'):
            make()


def test_a_damaged_file(runtime, weights, rng):
    path = weights / 'movenet-thunder.onnx'
    for content in (b'', rng.bytes(5000), b'version https://git-lfs.github.com/spec/v1\n'):
        path.write_bytes(content)
        with pytest.raises(ExpertUnavailableError) as error:
            MoveNet('thunder')
        message = str(error.value)
        assert f'{path}: not a network that onnxruntime reads' in message and '\n' not in message
        assert 'get it again with: bash tools/get_movenet.sh' in message


@pytest.mark.parametrize(
    'model, taken, given',
    [
        ('thunder', (INT32, (1, 192, 192, 3)), (1, 1, 17, 3)),  # lightning's
        ('thunder', (FLOAT, (1, 256, 256, 3)), (1, 1, 17, 3)),
        ('lightning', (INT32, (1, 192, 192, 3)), (1, 6, 56)),
        ('multipose', (INT32, (1, 256, 256, 3)), (1, 1, 17, 3)),
        ('multipose', (INT32, (1, 3, None, None)), (1, 6, 56)),
    ],
)
def test_another_network(runtime, tmp_path, model, taken, given):
    path = write_network(tmp_path / 'other.onnx', *taken, given)
    with pytest.raises(ExpertUnavailableError, match=rf'other\.onnx: not MoveNet {model}: expected .* found'):
        MoveNet(model, path)


def test_what_it_declares_right_is_taken(runtime, tmp_path):
    # so that the refusals above are not due to how the files are written
    path = write_network(tmp_path / 'fits.onnx', INT32, (1, None, None, 3), (1, 6, 56))
    assert MoveNet('multipose', path)(np.zeros((160, 256, 3), np.uint8)).shape == (6, 56)
    with pytest.raises(ExpertUnavailableError, match='no such file'):
        MoveNet('thunder', tmp_path / 'absent.onnx')


def test_outputs_are_those_of_the_files_on_this_machine(runtime):
    try:
        network = MoveNet('lightning')
    except ExpertUnavailableError:
        pytest.skip('needs the weights of MoveNet: bash tools/get_movenet.sh')
    out = network(np.zeros((192, 192, 3), np.uint8))
    assert out.shape == (17, 3) and np.isfinite(out).all() and out[:, 2].max() < 0.3  # nobody there
