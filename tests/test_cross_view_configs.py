"""Configs of cross-view recognition: what training and test see, and which encoder fits them."""

from __future__ import annotations

import numpy as np
import pytest
from mmengine.config import Config

from tests.helpers.config_cases import FILES, load, small_data  # noqa: F401  a fixture

pytestmark = pytest.mark.usefixtures('small_data')


PROTOCOLS = ('-xview_2d', '-rotations_2d', '-one-camera_2d')
OF_PROTOCOLS = [case for case in FILES if any(protocol in case for protocol in PROTOCOLS)]
CROSS_VIEW = [case for case in OF_PROTOCOLS if case.startswith('unik/')]
PRETRAINED = [case for case in OF_PROTOCOLS if case.startswith('lac/')]


def camera_ranges(cfg: Config, loader: str) -> list[dict]:
    """Lowest and highest yaw and pitch of each camera of a loader."""
    cameras = cfg[loader].dataset.pipeline.project.cameras
    return [
        {name: np.broadcast_to(camera.get(name, 0.0), 2) for name in ('yaw', 'pitch')} for camera in cameras
    ]


@pytest.mark.parametrize('protocol', ['utd-mhad-xview', 'utd-mhad-one-camera', 'library-xview'])
def test_cameras_of_training_and_test_are_apart(protocol):
    """At least 25 degrees of yaw lie between any two of them, also across 180 degrees."""
    cfg = load(f'unik/unik_{protocol}_2d')
    train, test = (camera_ranges(cfg, loader) for loader in ('train_dataloader', 'test_dataloader'))
    assert cfg.test_dataloader.dataset.repeat_each == len(test)
    for one in train:
        for other in test:
            grids = [np.linspace(*camera['yaw'], 50) for camera in (one, other)]
            apart = np.abs((grids[0][:, None] - grids[1] + 180) % 360 - 180)
            assert apart.min() >= 25, (one, other)


def test_random_views_are_of_the_training_alone_and_keep_the_axes():
    for case in CROSS_VIEW:
        plain, random = load(case), load(f'{case}+random-view')
        project = random.train_dataloader.dataset.pipeline.project
        assert (
            project.type == 'ProjectToCamera'
            and camera_ranges(random, 'train_dataloader')[0]['yaw'][1] == 180
        )
        before = plain.train_dataloader.dataset.pipeline.project
        assert project.get('axes', 'sensor') == before.get('axes', 'sensor')
        assert random.test_dataloader == plain.test_dataloader
        for cfg in (plain, random):
            cfg.train_dataloader.dataset.pipeline.pop('project')
        assert plain.train_dataloader == random.train_dataloader


def test_cross_view_protocols_take_the_encoder_of_penn_action():
    """One pre-trained encoder fits all of them: same network, frames, joints, filling and normalization."""
    penn = load('unik/unik_penn_2d_small')
    for case in CROSS_VIEW:
        cfg = load(case)
        assert cfg.model.backbone == penn.model.backbone and cfg.layout == penn.layout
        for name in ('fill', 'normalize', 'sample', 'format'):
            for loader in ('train_dataloader', 'test_dataloader'):
                found, expected = (c[loader].dataset.pipeline[name] for c in (cfg, penn))
                assert found == expected, (case, name)
        assert cfg.test_dataloader.dataset.pipeline.layout.target == penn.layout


def test_pretraining_on_a_protocol_sees_what_its_training_sees():
    """The same clips before the same cameras: nothing of the test, whose cameras are never seen."""
    assert len(PRETRAINED) == 3
    for case in PRETRAINED:
        own = load(case)
        recognition = load(case.replace('lac/lac_unik_', 'unik/unik_'))
        found, expected = (cfg.train_dataloader.dataset for cfg in (own, recognition))
        for key in ('ann_file', 'split'):
            assert found[key] == expected[key], (case, key)
        assert found.pipeline.project == expected.pipeline.project, case
        assert own.model.backbone.channels == recognition.model.backbone.channels
        # where a mirror would make another action of a clip there is none
        assert bool(own.model.augmentation.mirror) == bool(expected.pipeline.get('mirror')), case
