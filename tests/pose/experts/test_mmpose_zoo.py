"""The tables of models against what the installed packages say themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmactrep.pose.experts import ExpertUnavailableError
from mmactrep.pose.experts.mmpose_zoo import (
    BOTTOM_UP,
    DETECTORS,
    POSE_MODELS,
    find_model,
    package_folder,
    published_models,
)

pytest.importorskip('mmpose')
pytest.importorskip('mmdet')


@pytest.mark.parametrize('name', POSE_MODELS)
def test_a_pose_model_is_as_mmpose_publishes_it(name):
    model = POSE_MODELS[name]
    assert published_models('mmpose')[Path(model.config).stem] == model
    text = model.config_path.read_text(encoding='utf-8')
    assert ("data_mode = 'bottomup'" in text) == (name in BOTTOM_UP)


@pytest.mark.parametrize('name', DETECTORS)
def test_a_detector_is_as_mmdet_or_mmpose_publishes_it(name):
    model = DETECTORS[name]
    assert model.config_path.is_file()
    if model.package == 'mmdet':
        assert published_models('mmdet')[Path(model.config).stem] == model
    else:
        assert model.url.endswith('.pth') and Path(model.config).stem.split('_')[1] in model.url


def test_the_package_s_own_names_are_known_too():
    hourglass = find_model('td-hm_hourglass52_8xb32-210e_coco-256x256', 'mmpose')
    assert hourglass.config_path.is_file() and hourglass.url.startswith('https://')
    assert find_model('rtmdet_s_8xb32-300e_coco', 'mmdet').config_path.is_file()
    assert find_model('rtmo-m', 'mmpose') is POSE_MODELS['rtmo-m']


def test_a_missing_package_is_named():
    with pytest.raises(
        ExpertUnavailableError, match=r'no package no_such_mm\): bash tools/setup_env.sh --ops'
    ):
        package_folder('no_such_mm')
