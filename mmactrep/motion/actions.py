"""Actions of a motion library, each on one character, with labels and cross-view splits."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmactrep.arguments import describe
from mmactrep.files import BadFileError
from mmactrep.store.format import BadClipError
from mmactrep.store.writer import SkeletonStoreWriter

from .cameras import view_axes
from .errors import MotionError
from .library import BadMotion, MotionClip, check_body_size
from .library_layout import LIBRARY_LAYOUT
from .sources import CAPTURE, IMPROVISED, LibrarySettings

SPLITS = ('xview_train', 'xview_test', 'rotations_train', 'rotations_test')
LEAST_CAPTURES = 10
"""A content with fewer captures is no class."""

_TILT = 45.0  # degrees, the largest pitch and roll of a random rotation
# dataset-2_wave-left-hand_active_001: content, style, take (Bandai-Namco Research Motiondataset)
_CONTENT = re.compile(r'dataset-\d+_(?P<content>[a-z-]+)_[a-z-]+_\d+$')


@dataclass(frozen=True, eq=False)
class Action:
    """A motion with a meaning, on one character.

    Args:
        name: Unique name of the motion within its split.
        label: Name of its class.
        test: Whether it belongs to the test characters and performances.
        positions: (T, V, 3) in ``LIBRARY_LAYOUT``, meters, y up; a body facing +z has +x to its left.
    """

    name: str
    label: str
    test: bool
    positions: np.ndarray


def content_of(name: str) -> str | None:
    """What a capture of the Bandai-Namco Research Motiondataset shows, by its name; None for other names."""
    match = _CONTENT.search(name)
    return match['content'].replace('-', '_') if match else None


def action_classes(settings: LibrarySettings) -> list[str]:
    """The procedural motions, and the contents of captures that occur often enough.

    A content that is a procedural motion too (walk, run, bow) is the same class.
    """
    procedural = [name for name in settings.classes if name not in (CAPTURE, IMPROVISED)]
    counts = Counter(map(content_of, settings.capture_names.values()))
    frequent = [name for name, count in counts.items() if name and count >= LEAST_CAPTURES]
    return procedural + sorted(set(frequent) - set(procedural))


def read_actions(settings: LibrarySettings) -> Iterator[Action | BadMotion]:
    """The actions of both splits of a library, each on one of its split's characters, drawn by the seed.

    Captures of other classes than :func:`action_classes` are left out.
    """
    classes = set(action_classes(settings))
    for number, (split, content) in enumerate(settings.splits().items()):
        rng = np.random.default_rng((settings.seed, number))
        for motion in content.motions:
            character = int(rng.integers(len(content.characters)))
            if isinstance(motion, BadMotion):
                yield motion
                continue
            label = content_of(motion.name) if motion.label == CAPTURE else motion.label
            if label in classes:
                yield _on_character(motion, label, split == 'test', character)


def _on_character(motion: MotionClip, label: str, test: bool, character: int) -> Action:
    return Action(motion.name, label, test, motion.positions[character])


def random_rotation(rng: np.random.Generator) -> np.ndarray:
    """Rotation (3, 3): any heading, pitch and roll up to 45 degrees; y stays up within them."""
    yaw, pitch, roll = rng.uniform((-180, -_TILT, -_TILT), (180, _TILT, _TILT))
    right, down, forward = view_axes(yaw, pitch, roll)
    return np.stack([right, -down, -forward])


def write_actions(
    root: str | os.PathLike,
    settings: LibrarySettings,
    attributes: Mapping | None = None,
    overwrite: bool = False,
    skipped: dict[str, str] | None = None,
) -> Path:
    """Write the actions of a library as a store of 3D clips with cross-view splits.

    ``xview_train`` and ``xview_test`` have different performances and captures on different characters;
    a transform draws the cameras. ``rotations_train`` and ``rotations_test`` have all of these motions,
    turned by one and by another random rotation (:func:`random_rotation`): the protocol "Mixamo-CV" of
    the thesis (4.6.5).

    Args:
        root: Folder of the store.
        settings: The library; improvised motions have no meaning and are left out.
        attributes: Anything about the origin that JSON can represent.
        overwrite: Replace a finished store.
        skipped: Collects captures that cannot be used, with the reason. Default: the first one is an error.

    Raises:
        FileExistsError: If there is a store and ``overwrite`` is off.
        MotionError, BadFileError, BadClipError: If a capture cannot be used.
    """
    attributes = dict(attributes or {}) | dict(
        unit='meters', axes='y up; a body facing +z has +x to its left'
    )
    members: dict[str, list[str]] = {name: [] for name in SPLITS}
    with SkeletonStoreWriter(
        root,
        LIBRARY_LAYOUT,
        action_classes(settings),
        3,
        with_score=False,
        attributes=attributes,
        overwrite=overwrite,
    ) as writer:
        for number, action in enumerate(read_actions(settings)):
            try:
                if isinstance(action, BadMotion):
                    raise action.error
                check_body_size(action.positions, LIBRARY_LAYOUT, action.name)
            except (BadClipError, BadFileError, MotionError) as error:
                if skipped is None:
                    raise
                skipped[action.name] = describe(error)
                continue
            rng = np.random.default_rng((settings.seed, number, 1))
            middle = action.positions[:, LIBRARY_LAYOUT.root].mean(axis=0)
            turned = [(action.positions - middle) @ random_rotation(rng).T for _ in range(2)]
            side = 'test' if action.test else 'train'
            clips = {
                'xview': (f'xview_{side}', action.positions),
                'rotation_1': ('rotations_train', turned[0]),
                'rotation_2': ('rotations_test', turned[1]),
            }
            for kind, (split, positions) in clips.items():
                name = f'{side}/{action.name}/{kind}'
                if name not in writer:  # added by an attempt that was killed
                    writer.add(name, positions[None].astype(np.float32), None, action.label, fps=settings.fps)
                members[split].append(name)
        for split, names in members.items():
            writer.add_split(split, names)
        writer.finish()
    return Path(root)
