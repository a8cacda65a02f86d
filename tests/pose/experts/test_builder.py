"""Experts by name, file and config."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mmactrep.pose.experts import (
    EXPERTS,
    GROUPS,
    ExpertUnavailableError,
    PoseExpert,
    PrecomputedExpert,
    available_experts,
    build_expert,
    build_experts,
    builder,
)
from mmactrep.pose.experts.base import origin_of
from mmactrep.pose.experts.builder import default_group, expand_groups, files_of_expert
from mmactrep.pose.experts.mmpose_zoo import BOTTOM_UP, POSE_MODELS
from mmactrep.registry import POSE_EXPERTS


@pytest.fixture
def path(tmp_path):
    file = tmp_path / 'poses.json'
    file.write_text(json.dumps([dict(image_id=0, keypoints=[5, 6, 1] * 17, score=1)]))
    return file


def test_a_path_is_an_expert(path):
    for spec in (path, str(path), dict(type='PrecomputedExpert', path=path)):
        expert = build_expert(spec)
        assert isinstance(expert, PrecomputedExpert) and expert.name == 'poses'
        assert build_expert(expert) is expert


def test_experts_of_one_name_differ_by_what_they_were_built_from(tmp_path):
    specs = [f'{tmp_path}/{place}/{{stem}}.npz@coco17' for place in 'ab']
    experts = [*build_experts(specs), PrecomputedExpert(f'{tmp_path}/c/{{stem}}.npz')]
    assert {expert.name for expert in experts} == {'{stem}'}
    assert [origin_of(expert) for expert in experts] == [*specs, f'{tmp_path}/c/{{stem}}.npz']
    other = build_expert(dict(type='PrecomputedExpert', path=specs[0], first_frame=1))
    assert origin_of(other) != specs[0] and '"first_frame": 1' in origin_of(other)
    other.origin = ''
    assert origin_of(other) == other.name


def test_the_files_that_poses_come_from(tmp_path, path):
    files = {name: tmp_path / name for name in ('a.py', 'a.pth', 'b.py', 'b.pth', 'clap.npz')}
    for file in files.values():
        file.write_bytes(b'')
    student, other = (f'{tmp_path}/{name}.py:{tmp_path}/{name}.pth' for name in 'ab')

    def found(spec):
        return files_of_expert(spec, 'videos/clap.mp4')

    assert found(path) == [path]
    assert found(f'{tmp_path}/{{stem}}.npz@coco17') == [files['clap.npz']]
    assert found(dict(type=PrecomputedExpert, path=f'{tmp_path}/{{name}}.npz')) == []
    assert found(f'{student}:mediapipe') == found(student) == [files['a.py'], files['a.pth']]
    assert found(f'{student}:{other}') == [files[name] for name in ('a.py', 'a.pth', 'b.py', 'b.pth')]
    assert set(found(tmp_path)) == {path, *files.values()}
    assert found('mediapipe') == found(build_expert(path)) == []


def test_a_layout_behind_a_path(tmp_path):
    np.savez(tmp_path / 'p.npz', kpts=np.ones((2, 17, 2)))
    assert build_expert(f'{tmp_path}/p.npz@posetics17').layout.name == 'posetics17'
    expert = build_expert(f'{tmp_path}/{{stem}}.npz@posetics17')
    expert.start('p.mp4')
    assert expert.per_video and expert.layout.name == 'posetics17'


def test_options_go_to_whom_they_concern(path):
    first, second = build_experts(
        [path, dict(type='PrecomputedExpert', path=path, name='mine')],
        device='cpu',
        name='given',
        min_score=0.5,
    )
    assert (first.name, second.name) == ('given', 'mine')


def test_unknown_names_list_the_known():
    with pytest.raises(KeyError) as error:
        build_expert('rtmpos-m')
    message = str(error.value)
    assert 'did you mean rtmpose-m' in message
    assert all(name in message for name in (*EXPERTS, *GROUPS))
    with pytest.raises(KeyError, match='is a group of experts'):
        build_expert('mmpose-trio')
    with pytest.raises(ValueError, match="needs a 'type'"):
        build_expert(dict(path='x'))
    with pytest.raises(KeyError, match="unknown type of pose expert 'Nope'"):
        build_expert(dict(type='Nope'))
    with pytest.raises(ValueError, match='no pose expert'):
        build_experts([])


def test_groups_are_of_known_experts_and_both_families():
    assert all(name in EXPERTS for names in GROUPS.values() for name in names)
    families = [name in BOTTOM_UP for name in GROUPS['mmpose-trio']]
    assert families == [False, False, True]
    assert set(POSE_MODELS) <= set(EXPERTS)


def test_the_default_is_two_families_where_they_are_present(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv('MMACTREP_WEIGHTS', str(tmp_path))
    assert default_group() == 'mediapipe-trio'
    assert expand_groups(['default', 'x.npz']) == [*GROUPS['mediapipe-trio'], 'x.npz']
    assert [EXPERTS[name]['type'] for name in GROUPS['mixed-trio']] == [
        'MediaPipeExpert',
        *['MoveNetExpert'] * 2,
    ]
    monkeypatch.setattr(builder, '_lack', lambda name: '')
    assert default_group() == 'mixed-trio'
    with pytest.raises(
        KeyError, match=r'is a group of experts .mediapipe-crops, movenet-thunder, movenet-multi'
    ):
        build_expert('default')


def test_what_is_available_says_what_lacks(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv('MMACTREP_WEIGHTS', raising=False)
    lacks = available_experts()
    assert set(lacks) == set(EXPERTS)
    assert POSE_MODELS['rtmo-m'].url in lacks['rtmo-m']
    with pytest.raises(ExpertUnavailableError):
        build_expert('rtmo-m')
    folder = tmp_path / 'checkpoints' / 'pose'
    folder.mkdir(parents=True)
    for name in ('rtmo-m', 'rtmpose-m'):
        (folder / POSE_MODELS[name].url.rsplit('/', 1)[1]).touch()
    lacks = available_experts()
    assert lacks['rtmo-m'] == '' and 'rtmdet' in lacks['rtmpose-m']


def test_a_user_s_own_expert_builds_by_its_type():
    @POSE_EXPERTS.register_module(name='TestExpert', force=True)
    class TestExpert(PoseExpert):
        name = 'test'

        def predict(self, frames, first=0):
            return []

    try:
        assert build_expert(dict(type='TestExpert')).name == 'test'
    finally:
        POSE_EXPERTS.module_dict.pop('TestExpert')
