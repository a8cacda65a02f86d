"""Parametric motions: pure functions from a clock and a resting body to controls."""

from . import daily, gestures, locomotion, whole_body
from .base import MOTIONS, NUM_STYLE, Clock, Motion, motion, rest

__all__ = [
    'MOTIONS',
    'NUM_STYLE',
    'Clock',
    'Motion',
    'daily',
    'gestures',
    'locomotion',
    'motion',
    'rest',
    'whole_body',
]
