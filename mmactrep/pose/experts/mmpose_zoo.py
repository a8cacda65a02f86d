"""Short names of 2D pose models and person detectors, with their mmpose or mmdet configs and weights."""

from __future__ import annotations

import functools
import importlib.util
from dataclasses import dataclass
from pathlib import Path

import yaml

from mmactrep.engine.weights_folders import find_weights, how_to_get

from .base import ExpertUnavailableError, UnknownExpertError, operators_lacking

_WEIGHTS_KIND = 'pose'
_HOST = 'https://download.openmmlab.com'


@dataclass(frozen=True)
class ZooModel:
    """A published model.

    Args:
        package: ``mmpose`` or ``mmdet``.
        config: Path relative to the folder of the package's installed configs.
        url: Address of the official checkpoint.
    """

    package: str
    config: str
    url: str

    @property
    def config_path(self) -> Path:
        """The config file.

        Raises:
            ExpertUnavailableError: If the package, or this config in it, is not installed.
        """
        path = package_folder(self.package) / self.config
        if not path.is_file():
            raise ExpertUnavailableError(f'the installed {self.package} has no config {self.config} ({path})')
        return path

    @property
    def weights_path(self) -> Path:
        """The checkpoint on this machine.

        Raises:
            ExpertUnavailableError: If there is none; the message says what to get, from where, and where to
                put it.
        """
        name = self.url.rsplit('/', 1)[-1]
        path = find_weights([name], _WEIGHTS_KIND)
        if path is None:
            raise ExpertUnavailableError(how_to_get(name, self.url, _WEIGHTS_KIND))
        return path

    def require(self) -> None:
        """Raise ``ExpertUnavailableError`` if config or weights are not on this machine."""
        _ = self.config_path, self.weights_path


def package_folder(package: str) -> Path:
    """The folder of an OpenMMLab package's configs: its ``.mim`` folder, or the checkout it runs from.

    Raises:
        ExpertUnavailableError: If the package is not installed.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise operators_lacking('the expert', f'no package {package}')
    folder = Path(next(iter(spec.submodule_search_locations)))
    return folder / '.mim' if (folder / '.mim').is_dir() else folder.parent


def _body(config: str, weights: str) -> ZooModel:
    return ZooModel('mmpose', f'configs/body_2d_keypoint/{config}.py', f'{_HOST}/mmpose/v1/{weights}.pth')


def _rtmpose(size: str, batch: int, weights: str) -> ZooModel:
    return _body(
        f'rtmpose/body8/rtmpose-{size}_8xb{batch}-420e_body8-256x192',
        f'projects/rtmposev1/rtmpose-{size}_simcc-body7_pt-body7_420e-256x192-{weights}_20230504',
    )


def _rtmo(size: str, batch: str, weights: str) -> ZooModel:
    name = f'rtmo-{size}_{batch}-600e_body7-640x640'
    return _body(f'rtmo/body7/{name}', f'projects/rtmo/{name}-{weights}')


def _heatmap(name: str, weights: str) -> ZooModel:
    name = f'topdown_heatmap/coco/{name}_8xb64-210e_coco-256x192'
    return _body(name, f'body_2d_keypoint/{name}-{weights}')


#: Pose models by their short names, top-down ones first. mmpose's own model names are also known.
POSE_MODELS: dict[str, ZooModel] = {
    'rtmpose-t': _rtmpose('t', 256, '026a1439'),
    'rtmpose-s': _rtmpose('s', 256, 'acd4a1ef'),
    'rtmpose-m': _rtmpose('m', 256, 'e48f03d0'),
    'rtmpose-l': _rtmpose('l', 256, '4dba18fc'),
    'hrnet-w32': _heatmap('td-hm_hrnet-w32', '81c58e40_20220909'),
    'vitpose-s': _heatmap('td-hm_ViTPose-small', '62d7a712_20230314'),
    'vitpose-b': _heatmap('td-hm_ViTPose-base', '216eae50_20230314'),
    'rtmo-s': _rtmo('s', '8xb32', 'dac2bf74_20231211'),
    'rtmo-m': _rtmo('m', '16xb16', '39e78cc4_20231211'),
    'rtmo-l': _rtmo('l', '16xb16', 'b37118ce_20231211'),
    'dekr-w32': _body(
        'dekr/coco/dekr_hrnet-w32_8xb10-140e_coco-512x512',
        'body_2d_keypoint/dekr/coco/dekr_hrnet-w32_8xb10-140e_coco-512x512_ac7c17bf-20221228',
    ),
}

#: Those of :data:`POSE_MODELS` that need no detector.
BOTTOM_UP = ('rtmo-s', 'rtmo-m', 'rtmo-l', 'dekr-w32')

_PERSON = f'{_HOST}/mmpose/v1/projects/rtmposev1'
_COCO = f'{_HOST}/mmdetection/v3.0/rtmdet'

#: Person detectors by their short names; mmdet's own model names are also known.
DETECTORS: dict[str, ZooModel] = {
    'rtmdet-nano-person': ZooModel(
        'mmpose',
        'demo/mmdetection_cfg/rtmdet_nano_320-8xb32_coco-person.py',
        f'{_PERSON}/rtmdet_nano_8xb32-100e_coco-obj365-person-05d8511e.pth',
    ),
    'rtmdet-m-person': ZooModel(
        'mmpose',
        'demo/mmdetection_cfg/rtmdet_m_640-8xb32_coco-person.py',
        f'{_PERSON}/rtmdet_m_8xb32-100e_coco-obj365-person-235e8209.pth',
    ),
    'rtmdet-tiny': ZooModel(
        'mmdet',
        'configs/rtmdet/rtmdet_tiny_8xb32-300e_coco.py',
        f'{_COCO}/rtmdet_tiny_8xb32-300e_coco/rtmdet_tiny_8xb32-300e_coco_20220902_112414-78e30dcc.pth',
    ),
    'rtmdet-m': ZooModel(
        'mmdet',
        'configs/rtmdet/rtmdet_m_8xb32-300e_coco.py',
        f'{_COCO}/rtmdet_m_8xb32-300e_coco/rtmdet_m_8xb32-300e_coco_20220719_112220-229f527c.pth',
    ),
}

#: Detector of top-down models.
DEFAULT_DETECTOR = 'rtmdet-m-person'


def find_model(name: str, package: str) -> ZooModel:
    """A model by its short name, or by the name its package gives it (``td-hm_hrnet-w48_8xb32-...``).

    Args:
        name: Name of the model.
        package: ``mmpose`` for a pose model, ``mmdet`` for a detector.

    Raises:
        UnknownExpertError: If there is no such model; the message lists the short names.
        ExpertUnavailableError: If the package is not installed.
    """
    short = POSE_MODELS if package == 'mmpose' else DETECTORS
    if name in short:
        return short[name]
    known = published_models(package)
    if name not in known:
        raise UnknownExpertError(
            f"unknown model '{name}'; short names are {', '.join(short)}, and {package}'s "
            f'{len(known)} own model names are known'
        )
    return known[name]


@functools.lru_cache(maxsize=2)
def published_models(package: str) -> dict[str, ZooModel]:
    """All models with weights that the installed package lists in its model index.

    For mmpose, only models for body keypoints in images.
    """
    folder, models = package_folder(package), {}
    index = folder / 'model-index.yml'
    if not index.is_file():
        return {}
    files = yaml.safe_load(index.read_text(encoding='utf-8'))['Import']
    for file in files:
        if package == 'mmpose' and 'body_2d_keypoint' not in file:
            continue
        if not (folder / file).is_file():
            continue
        content = yaml.load((folder / file).read_text(encoding='utf-8'), yaml.CSafeLoader)
        rows = content.get('Models', []) if isinstance(content, dict) else content
        for row in rows or []:
            if row.get('Weights') and row.get('Config'):
                name = row['Name'] if package == 'mmdet' else Path(row['Config']).stem
                models[name] = ZooModel(package, row['Config'], row['Weights'])
    return models
