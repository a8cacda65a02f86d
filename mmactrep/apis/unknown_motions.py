"""Motions of no class: procedural ones of kinds that share no word with the classes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mmactrep.errors import UserError
from mmactrep.motion.cameras import IMAGE_SIZE
from mmactrep.motion.procedural import MotionGenerator, motion_names
from mmactrep.motion.procedural.factors import COMPANIONS
from mmactrep.structures import SkeletonLayout

_STEM = 4


class UnknownMotionError(UserError, ValueError):
    """There is no motion of no class."""


@dataclass(frozen=True, eq=False)
class UnknownMotions:
    """Clips of no class.

    Args:
        clips: Annotation dictionaries.
        kinds: (n,) name of the motion of each.
    """

    clips: list[dict]
    kinds: np.ndarray


def other_motions(classes: Sequence[str]) -> list[str]:
    """Procedural motions whose names share no word with those of the classes.

    Words are compared by their first four letters, so that 'walking' is 'walk'.

    >>> 'walk' in other_motions(['walking']), 'walk' in other_motions(['tennis serve'])
    (False, True)
    """
    known = {word[:_STEM] for name in classes for word in _words(name)}
    return [
        name
        for name in motion_names()
        if name != 'stand' and not known & {word[:_STEM] for word in _words(name)}
    ]


def _words(name: str) -> list[str]:
    return [word for word in re.split(r'[^a-z]+', name.lower()) if len(word) >= 3]


def unknown_motions(
    classes: Sequence[str],
    layout: SkeletonLayout,
    count: int = 300,
    frames: int = 64,
    persons: int = 1,
    seed: int = 0,
) -> UnknownMotions:
    """Procedural clips of other kinds than the classes, as an estimator would see them.

    Where the model takes two persons, every other clip shows two, side by side, so that the number of
    persons does not give a clip away.

    Args:
        classes: Names of the classes.
        layout: Layout of the joints.
        count: Number of clips.
        frames: Frames of a clip.
        persons: Most persons of a clip.
        seed: Seed.
    """
    names = other_motions(classes)
    if not names:
        raise UnknownMotionError(
            f'each procedural motion shares a word with one of the {len(classes)} classes: none is left that '
            'is of no class'
        )
    # nobody does one of the classes meanwhile: a wave while walking is not of no class where walking is one
    companions = [name for name in COMPANIONS if name in names]
    generator = MotionGenerator(frames=frames, classes=names, seed=seed, companions=companions)
    made = generator.generate(count, layout=layout)
    order = np.random.default_rng(seed).permutation(count)
    clips = []
    for number in range(count):
        keypoint, score = made.keypoint[number], made.score[number]
        if persons > 1 and number % 2:
            other = order[number]
            beside = made.keypoint[other] + np.float32([0.35 * IMAGE_SIZE[0], 0])
            beside = beside * (made.score[other] > 0)[..., None]
            keypoint, score = np.concatenate([keypoint, beside]), np.concatenate([score, made.score[other]])
        clips.append(
            dict(
                keypoint=keypoint,
                keypoint_score=score,
                img_shape=(IMAGE_SIZE[1], IMAGE_SIZE[0]),
                total_frames=frames,
                layout=layout,
                frame_dir=f'unknown_{number}',
            )
        )
    return UnknownMotions(clips, np.array([generator.classes[label] for label in made.label]))
