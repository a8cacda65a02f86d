"""The converter of MoveNet, as far as it runs without TensorFlow, and the script around it."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess

import numpy as np
import pytest

from mmactrep.pose.experts import ExpertUnavailableError
from mmactrep.pose.experts.movenet_model import MODELS, find_file
from mmactrep.structures import get_layout


@pytest.fixture(scope='module')
def tool(repo):
    path = repo / 'tools' / 'model_converters' / 'convert_movenet.py'
    spec = importlib.util.spec_from_file_location('convert_movenet', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def paths() -> dict:
    """The files of MoveNet on this machine, by model."""
    pytest.importorskip('onnxruntime', reason='needs onnxruntime: requirements/movenet.txt')
    try:
        return {model: find_file(model) for model in MODELS}
    except ExpertUnavailableError:
        pytest.skip('needs the weights of MoveNet: bash tools/get_movenet.sh')


def where_drawn(joint: str) -> tuple[float, float]:
    """(y, x) of a joint of the figure, which faces us: its left is on the right."""
    left = dict(shoulder=(0.31, 0.58), elbow=(0.43, 0.63), wrist=(0.53, 0.67), hip=(0.52, 0.535))
    left |= dict(knee=(0.70, 0.545), ankle=(0.87, 0.55), eye=(0.18, 0.517), nose=(0.20, 0.5))
    side, _, part = joint.rpartition('_')
    y, x = left[part]
    return (y, x) if side != 'right' else (y, 1 - x)


@pytest.mark.parametrize('model', MODELS)
def test_the_stored_outputs_are_the_joints_that_are_drawn(tool, model):
    stored = np.array(json.loads(tool.REFERENCE.read_text())[model])
    joints = stored[0, :51].reshape(17, 3) if model == 'multipose' else stored
    sure = 0
    for joint, (y, x, score) in zip(get_layout('coco17').joints, joints):
        if joint.endswith('ear') or score < 0.5:
            continue
        drawn = where_drawn(joint)
        sure += 1
        assert abs(y - drawn[0]) < 0.06 and abs(x - drawn[1]) < 0.04, joint
    assert sure >= 10


@pytest.mark.parametrize('model', MODELS)
def test_the_files_on_this_machine_give_them(tool, paths, model):
    path = paths[model]
    tool.check(path, model)
    wrong = paths['lightning' if model != 'lightning' else 'thunder']
    with pytest.raises(tool.ConversionError, match=str(wrong)):
        tool.check(wrong, model)


def test_the_figure_is_the_same_at_every_size(tool):
    small, large = tool.draw_figure(64), tool.draw_figure(256)
    assert small.shape == (64, 64, 3) and small.dtype == np.uint8
    means = large.reshape(64, 4, 64, 4, 3).mean(axis=(1, 3))
    assert np.abs(means - small).mean() < 1


def test_the_two_attributes_are_added(tool):
    fused = dict(name='a', op='_FusedConv2D', attr=dict(num_args=dict(i='2'), T=dict(type='DT_FLOAT')))
    nodes = [fused, dict(name='b', op='TopKV2', attr={}), dict(name='c', op='Const', attr=dict(x=1))]
    graph = dict(format='graph-model', modelTopology=dict(node=nodes, versions={}))
    before = json.dumps(graph)
    done = tool.complete_graph(graph)
    assert json.dumps(graph) == before
    first, second, third = done['modelTopology']['node']
    assert first['attr']['TArgs'] == {'list': {'type': ['DT_FLOAT', 'DT_FLOAT']}}
    assert first['attr']['T'] == fused['attr']['T'] and first['attr']['num_args'] == {'i': '2'}
    assert second['attr'] == {'index_type': {'type': 'DT_INT32'}}
    assert third == nodes[2] and done['format'] == 'graph-model'
    for wrong in ({}, [], dict(modelTopology=dict(model_config=1))):
        with pytest.raises(tool.ConversionError, match='expected a TensorFlow'):
            tool.complete_graph(wrong)


def test_outputs_that_differ_are_refused(tool, monkeypatch, tmp_path):
    right = np.array(json.loads(tool.REFERENCE.read_text())['thunder'])
    monkeypatch.setattr(tool, 'outputs_of', lambda path, name: right[None, None] + 0.001)
    tool.check(tmp_path / 'x.onnx', 'thunder')
    monkeypatch.setattr(tool, 'outputs_of', lambda path, name: right[None, None] + 0.02)
    with pytest.raises(tool.ConversionError, match=r'x\.onnx: .* differ by 0\.0200 .* more than 0\.01'):
        tool.check(tmp_path / 'x.onnx', 'thunder')
    monkeypatch.setattr(tool, 'outputs_of', lambda path, name: right[None, None] * np.nan)
    with pytest.raises(tool.ConversionError, match='differ by nan'):
        tool.check(tmp_path / 'x.onnx', 'thunder')


def test_only_checked_files_appear(tool, monkeypatch, tmp_path):
    source = tmp_path / 'movenet-thunder.json'
    source.write_text(json.dumps(dict(modelTopology=dict(node=[dict(name='c', op='Const')]))))
    target = tmp_path / 'out' / 'movenet-thunder.onnx'
    target.parent.mkdir()
    monkeypatch.setattr(tool.subprocess, 'run', lambda *a, **k: subprocess.CompletedProcess(a, 1))
    with pytest.raises(tool.ConversionError, match='tf2onnx cannot convert it'):
        tool.convert(source, target)
    assert not list(target.parent.iterdir())
    assert tool.main(['--check', str(target.parent)]) == 1
    with pytest.raises(tool.ConversionError, match=r'movenet-lightning\.json'):
        tool.convert(tmp_path / 'movenet-lightning.json', target)


def test_the_script_refuses_what_it_cannot_use(repo, tmp_path):
    def run(**environment):
        command = ['bash', str(repo / 'tools' / 'get_movenet.sh')]
        return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True)

    done = run(PYTHON='/bin/false', MMACTREP_WEIGHTS=str(tmp_path / 'new'))
    assert done.returncode == 1 and 'no Python 3.10 to 3.12 found' in done.stderr
    assert not (tmp_path / 'new').exists()


def test_the_script_keeps_files_that_are_right(repo, paths, tmp_path):
    for path in paths.values():
        (tmp_path / path.name).symlink_to(path.resolve())
    (tmp_path / '.movenet-killed').mkdir()
    environment = os.environ | dict(MMACTREP_WEIGHTS=str(tmp_path), PYTHON=os.sys.executable)
    done = subprocess.run(
        ['bash', 'tools/get_movenet.sh'], cwd=repo, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert 'has the models, and their outputs are right' in done.stdout
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(path.name for path in paths.values())
