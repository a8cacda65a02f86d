"""Procedural clips with sentences that say what is done, with which side, how fast and where to."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from mmactrep.motion.body import BODY
from mmactrep.motion.cameras import IMAGE_SIZE, view_axes
from mmactrep.motion.procedural.captions import Event, caption
from mmactrep.motion.procedural.factors import Factors, motion_names
from mmactrep.motion.procedural.generator import MotionGenerator, to_layout
from mmactrep.motion.procedural.motions.base import MOTIONS
from mmactrep.store.format import UNLABELLED
from mmactrep.store.writer import SkeletonStoreWriter
from mmactrep.structures import get_layout

from .untrimmed import UntrimmedGenerator

LAYOUT = 'posetics17'
_BATCH = 128
_CHARACTERS = dict(train=(0, 300), test=(300, 400))


@dataclass(frozen=True)
class CaptionedSettings:
    """What determines the clips; equal settings give equal ones.

    Args:
        train, test: Clips of one action each, see :class:`~mmactrep.motion.procedural.MotionGenerator`.
        train_sequences, test_sequences: Longer clips, of one or more actions one after the other.
        frames: Frames of a clip of one action.
        sequence_frames: Frames of a sequence.
        fps: Frames per second.
        sentences: Sentences about each clip.
        seed: Seed.
    """

    train: int = 6750
    test: int = 900
    train_sequences: int = 1500
    test_sequences: int = 300
    frames: int = 64
    sequence_frames: int = 160
    fps: float = 20.0
    sentences: int = 3
    seed: int = 0


@dataclass(frozen=True)
class CaptionedClip:
    """A clip and what is said of it.

    Args:
        name: Id.
        keypoint: (T, V, 2) pixels.
        score: (T, V), 0 where a joint is missing.
        motion: Name of its only motion; None for a sequence.
        sentences: Captions.
    """

    name: str
    keypoint: np.ndarray
    score: np.ndarray
    motion: str | None
    sentences: tuple[str, ...]


def single_actions(settings: CaptionedSettings, split: str, start: int, count: int) -> list[CaptionedClip]:
    """Clips of one action each, some of them while the legs walk or march.

    Args:
        settings: See there.
        split: 'train' or 'test'; they have different performers.
        start: Number of the first clip.
        count: Number of clips.
    """
    generator = MotionGenerator(
        settings.frames, settings.fps, seed=_seed(settings, split), characters=_CHARACTERS[split]
    )
    factors = generator.sample_factors(count, start)
    offsets = generator.offsets(factors)
    positions = generator.positions(generator.animate(factors), offsets)
    cameras = generator.cameras(factors, positions, offsets)
    exact = to_layout(generator.project(positions, cameras), LAYOUT)
    keypoint, score = generator.observe(exact, factors, get_layout(LAYOUT))
    travels = _travels(positions, factors)
    clips = []
    for row in range(count):
        event = _event(factors, row, travels[row])
        rng = np.random.default_rng((settings.seed, start + row, 21, split == 'test'))
        sentences = tuple(caption([event], rng) for _ in range(settings.sentences))
        clips.append(
            CaptionedClip(
                f'{split}/action_{start + row:06d}', keypoint[row], score[row], event.motion, sentences
            )
        )
    return clips


def sequences(settings: CaptionedSettings, split: str, count: int) -> Iterator[CaptionedClip]:
    """Clips of actions one after the other, all with the performer's own side."""
    generator = UntrimmedGenerator(
        settings.sequence_frames,
        settings.fps,
        co_occurring=0.0,
        seed=_seed(settings, split) + 1,
        characters=_CHARACTERS[split],
    )
    made = index = 0
    while made < count:
        sequence = generator.generate(index, LAYOUT)
        performer = generator.performer(index)
        left, style = bool(performer['side'][0]), performer['style']
        index += 1
        if not sequence.segments:  # a pause, and no action that fits behind it
            continue
        names = [generator.classes[label] for label, _, _ in sequence.segments]
        events = [Event(name, left, both=bool(MOTIONS[name].takes_both(style)[0])) for name in names]
        rng = np.random.default_rng((settings.seed, made, 22, split == 'test'))
        sentences = tuple(caption(events, rng) for _ in range(settings.sentences))
        yield CaptionedClip(
            f'{split}/sequence_{made:06d}', sequence.keypoint, sequence.score, None, sentences
        )
        made += 1


def write_captioned(
    root: str | os.PathLike,
    settings: CaptionedSettings,
    overwrite: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Path:
    """Write a skeleton store, and ``captions.json`` beside it: clip id to sentences.

    A killed run resumes where it stopped.

    Args:
        root: Folder of the store.
        settings: See there.
        overwrite: Replace a finished store.
        progress: Called with the number of clips written and the total.

    Returns:
        The file of captions.

    Raises:
        FileExistsError: If there is a store and ``overwrite`` is off.
        StoreError: If an unfinished store was begun with other settings.
    """
    root = Path(root)
    classes = [name for name in motion_names() if name != 'stand']
    captions: dict[str, list[str]] = {}
    members: dict[str, list[str]] = dict(train=[], test=[])
    total = settings.train + settings.test + settings.train_sequences + settings.test_sequences
    with SkeletonStoreWriter(
        root,
        LAYOUT,
        classes,
        attributes=dict(
            source='captioned', standin=True, standin_for='real motion with text', settings=asdict(settings)
        ),
        overwrite=overwrite,
    ) as writer:
        for split in members:
            for clip in _clips(settings, split):
                if clip.name not in writer:
                    label = UNLABELLED if clip.motion is None else clip.motion
                    width, height = IMAGE_SIZE
                    writer.add(
                        clip.name, clip.keypoint[None], clip.score[None], label, (height, width), settings.fps
                    )
                captions[clip.name] = list(clip.sentences)
                members[split].append(clip.name)
                progress(len(captions), total)
        for split, names in members.items():
            writer.add_split(split, names)
            writer.add_split(f'{split}_actions', [name for name in names if '/action_' in name])
        path = root.with_name('captions.json')
        path.write_text(json.dumps(captions, indent=0), encoding='utf-8')
        writer.finish()
    return path


def _clips(settings: CaptionedSettings, split: str) -> Iterator[CaptionedClip]:
    count = getattr(settings, split)
    for start in range(0, count, _BATCH):
        yield from single_actions(settings, split, start, min(_BATCH, count - start))
    yield from sequences(settings, split, getattr(settings, f'{split}_sequences'))


def _seed(settings: CaptionedSettings, split: str) -> int:
    # apart from the seeds of the stand-in for Posetics
    return 1000 + 4 * settings.seed + dict(train=0, test=2)[split]


def _event(factors: Factors, row: int, travel: np.ndarray) -> Event:
    names = motion_names()
    lower = int(factors['lower'][row])
    name = names[int(factors['motion'][row])]
    return Event(
        name,
        bool(factors['side'][row]),
        float(factors['speed'][row]),
        (float(travel[0]), float(travel[1])),
        bool(factors['seated'][row]),
        names[lower] if lower >= 0 else None,
        bool(MOTIONS[name].takes_both(factors['style'][[row]])[0]),
    )


def _travels(positions: np.ndarray, factors: Factors) -> np.ndarray:
    """(N, 2) meters that each performer moves to the image's right and away from the camera."""
    path = positions[:, -1, BODY.index('mid_hip')] - positions[:, 0, BODY.index('mid_hip')]
    axes = view_axes(factors['yaw'], factors['pitch'], factors['roll'])
    seen = np.einsum('nij,nj->ni', axes, path)
    return seen[:, [0, 2]]
