"""Readers of other data sets' formats, and the loop that writes them into a store.

A reader gives a :class:`Conversion`: the clips to read, a function that reads one, and what the store says of
them. :func:`run_conversion` does the rest. The commands are ``tools/data/convert_*.py``.
"""

from .charades import charades
from .conversion import Clip, Conversion, Job
from .mmaction_pickle import mmaction_pickle
from .ntu import ntu
from .penn_action import penn_action_json, penn_action_labels
from .pku_mmd import pku_mmd
from .posetics import posetics
from .protocols import SMARTHOME_CLASSES, SMARTHOME_CV_CLASSES
from .runner import Report, run_conversion
from .safe_pickle import load_plain_pickle
from .smarthome import smarthome
from .tsu import tsu
from .uav_human import uav_human

__all__ = [
    'Clip',
    'Conversion',
    'Job',
    'Report',
    'SMARTHOME_CLASSES',
    'SMARTHOME_CV_CLASSES',
    'charades',
    'load_plain_pickle',
    'mmaction_pickle',
    'ntu',
    'penn_action_json',
    'penn_action_labels',
    'pku_mmd',
    'posetics',
    'run_conversion',
    'smarthome',
    'tsu',
    'uav_human',
]
