"""All configs of skeletons, alone and with overlays: what tests of configs go through."""

from __future__ import annotations

import copy
import functools
from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmactrep.engine.composed_config import compose_config

from .config_data import write_all_data

CONFIGS = Path(__file__).resolve().parents[2] / 'configs'
# those of videos: tests/test_video_configs.py; of students: tests/test_student_configs.py
FILES = [
    f'{path.parent.name}/{path.stem}'
    for path in sorted(CONFIGS.glob('[!_]*/*.py'))
    if path.name != 'rows.py' and path.parent.name not in ('ltn', 'ssta_prs')
]
# overlays on configs of every kind, each at least once
COMBINATIONS = [
    'unik/unik_ntu60-xsub_3d+stgcn+bone',
    'unik/unik_ntu120-xset_3d+agcn',
    'unik/unik_smarthome-cv2_2d+stgcn+10percent+joint-motion',
    'unik/unik_posetics_3d+agcn+bone-motion',
    'unik/unik_penn_2d_screen+5percent+linear+bone',
    'unik/unik_utd-mhad-xsub_3d+agcn+bone',
    'unik/unik_kard-xsub_2d+stgcn',
    'unik/unik_ntu60-xsub_3d+stgcnpp+bone',
    'unik/unik_smarthome-cs_2d+stgcnpp',
    'unik/unik_posetics_2d+posec3d+bone',
    'unik/unik_utd-mhad-xsub_2d+posec3d',
    'unik/unik_uav-human-csv2_2d+finetune+joint-motion',
    'unik/unik_tsu-cv_2d+10percent+linear+bone',
    'unik/unik_pku-mmd-cv_3d+finetune+bone-motion',
    'unik/unik_utd-mhad-xview_2d+random-view+5percent+linear',
    'unik/unik_nw-ucla-xview_2d+random-view+bone',
    'unik/unik_library-rotations_2d+finetune+random-view',
    'unik/unik_penn_2d_small+random-roll',
    'unik/unik_smarthome-cs_2d+via+finetune',
    'unik/unik_uav-human-csv1_2d+via+linear+bone',
    'unik/unik_penn_2d+via+5percent+finetune',
    'unik/unik_posetics_3d+via',
    'unik/unik_ntu120-xset_3d+via+finetune',
    'lac/lac_generator_mixamo_2d+two-encoders',
    'lac/lac_generator_synthetic_2d+two-encoders',
    'lac/lac_generator_synthetic_2d+two-encoders+path',
    'lac/lac_generator_synthetic_3d+path',
    'lac/lac_generator_bank_2d+two-encoders+path',
    'lac/lac_unik_penn_2d+wo-frame',
    'lac/lac_unik_penn_2d+moco',
    'lac/lac_unik_synthetic_2d+moco',
    'lac/lac_unik_posetics_2d+wo-frame',
    'via/via_library_2d_small+movement',
    'via/via_library_3d_small+unsup',
    'via/via_penn_2d+movement',
    'via/via_ntu60-xsub_3d+random-view',
    'tmor/tmor_posetics_2d+v-m',
    'tmor/tmor_posecap_2d+m-t',
    'tmor/tmor_penn_2d+l-mt',
    'tmor/tmor_utd-mhad_2d+l-mm',
    'tmor/tmor_utd-mhad_2d+l-mv',
    'tmor/tmor_utd-mhad_2d+m-t',
]
CASES = FILES + COMBINATIONS
UNTRIMMED = ('tsu', 'charades', 'pku-mmd', 'untrimmed', 'chained')


def kind_of(case: str) -> str:
    """What is trained, by the name."""
    stem = case.partition('/')[2]
    if stem.startswith(('lac_generator_', 'via_library_', 'via_mixamo_')) and 'contrast' not in stem:
        return 'generator'
    if 'fold' in stem or stem in (
        'tmor_utd-mhad-all_2d',
        'tmor_motions_2d',
        'tmor_captioned_2d',
        'tmor_gestures_2d',
    ):
        return 'mixture'
    if stem.startswith(('lac_unik_', 'via_', 'tmor_')) and not any(
        word in stem for word in ('_finetune', '_linear')
    ):
        return 'pretrainer'
    return 'segmentor' if any(word in stem for word in UNTRIMMED) else 'recognizer'


def of_kind(*kinds: str):
    return pytest.mark.parametrize('case', [case for case in CASES if kind_of(case) in kinds])


@pytest.fixture(scope='module')
def small_data(tmp_path_factory):
    """All data sets, small, where the configs look for them."""
    root = write_all_data(tmp_path_factory.mktemp('data'))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('MMACTREP_DATA_ROOT', str(root))
        init_default_scope('mmactrep')
        yield
        read_once.cache_clear()


@functools.cache
def read_once(case: str) -> Config:
    name, *overlays = case.split('+')
    return compose_config(CONFIGS / f'{name}.py', overlays)


def load(case: str) -> Config:
    """A config to look at or change; files are read once."""
    return copy.deepcopy(read_once(case))
