"""Examples recorded from a camera by a key, or from marked frames of a video file."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from mmactrep.video.frame_sources import open_frames
from mmactrep.video.writing import write_video
from mmactrep.visualization.skeleton_drawing import draw_text

from .settings import TeachError

#: Keys of the classes, in their order.
CLASS_KEYS = '123456789'
#: Ends the recording, and begins the training.
TRAIN_KEYS = ('t', '\r', '\n')
#: Ends everything.
QUIT_KEYS = ('q', '\x1b')
_RED, _HEIGHT = (40, 40, 230), 480
_LEAST_FRAMES = 8


class QuitError(TeachError):
    """The user ended the recording without a training."""


@dataclass
class Recorder:
    """Cuts examples out of a stream of frames: a key begins one, the same key, or another one, ends it.

    Args:
        classes: Class names; the keys 1, 2, ... are theirs.
        folder: Folder that gets a folder of videos a class, ``CLASS/0001.mp4``; examples of an earlier
            recording stay.
        fps: Frames per second of the source. None measures them while an example is recorded.
    """

    classes: Sequence[str]
    folder: Path
    fps: float | None = None
    _recorded: list[np.ndarray] = field(default_factory=list)
    _current: int | None = None
    _begin: float = 0.0

    def __post_init__(self) -> None:
        if not 2 <= len(self.classes) <= len(CLASS_KEYS) or len(set(self.classes)) < len(self.classes):
            raise TeachError(
                f'expected 2 to {len(CLASS_KEYS)} classes of different names, found '
                f'{", ".join(self.classes) or "none"}'
            )
        bad = [name for name in self.classes if not re.fullmatch(r'[\w][\w .-]*', name)]
        if bad:
            raise TeachError(f'{bad[0][:40]!r} is no name of a class: letters, digits, blanks and -_. only')

    @property
    def recording(self) -> str | None:
        """The class whose example is being recorded."""
        return None if self._current is None else self.classes[self._current]

    def count(self, name: str) -> int:
        """Examples of a class so far."""
        return len(list((self.folder / name).glob('*.mp4')))

    def press(self, key: str) -> None:
        """Begin or end an example; keys that belong to no class do nothing."""
        number = CLASS_KEYS.find(key) if key else -1
        if not 0 <= number < len(self.classes):
            return
        running = self._current
        self.stop()
        if running != number:
            self._current, self._begin = number, time.monotonic()

    def add(self, frame: np.ndarray) -> None:
        """A frame (H, W, 3) uint8 RGB; kept while an example is recorded."""
        if self._current is not None:
            self._recorded.append(frame)

    def stop(self) -> Path | None:
        """End the example; returns its file, or None if there was none, or too few frames for a motion."""
        frames, name = self._recorded, self.recording
        seconds = time.monotonic() - self._begin
        self._recorded, self._current = [], None
        if name is None or len(frames) < _LEAST_FRAMES:
            return None
        fps = self.fps or float(np.clip(len(frames) / max(seconds, 1e-3), 1, 60))
        # behind the last one: examples in between may have been removed
        last = max((int(p.stem) for p in (self.folder / name).glob('*.mp4') if p.stem.isdecimal()), default=0)
        path = self.folder / name / f'{last + 1:04d}.mp4'
        write_video(path, (frame[..., ::-1] for frame in frames), fps)
        return path

    def draw(self, frame: np.ndarray) -> np.ndarray:
        """The frame (H', W', 3) BGR with the keys and what was recorded so far."""
        scale = _HEIGHT / frame.shape[0]
        image = cv2.resize(frame[..., ::-1], None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        lines = [
            f'{key}  {name}: {self.count(name)}' + ('  recording' if name == self.recording else '')
            for key, name in zip(CLASS_KEYS, self.classes)
        ]
        for row, line in enumerate([*lines, 't  train', 'q  quit']):
            image = draw_text(image, line, (10, 26 + 24 * row), 0.6)
        if self.recording:
            cv2.circle(image, (image.shape[1] - 24, 24), 10, _RED, -1, cv2.LINE_AA)
        return image


def record(
    recorder: Recorder,
    frames: Iterable[np.ndarray],
    keys: Callable[[int], str],
    show: Callable[[np.ndarray], None] = lambda image: None,
) -> None:
    """Record until the key for training, or the end of the frames.

    Args:
        recorder: Takes the examples.
        frames: (H, W, 3) uint8, RGB.
        keys: The key that was pressed at a frame, by its number; empty for none.
        show: Takes the drawn picture of every frame, BGR.

    Raises:
        QuitError: If the user quits.
    """
    for number, frame in enumerate(frames):
        key = keys(number)
        if key in QUIT_KEYS:
            raise QuitError('recording was ended; the examples are kept, the same command goes on')
        if key in TRAIN_KEYS:
            break
        recorder.press(key)
        recorder.add(frame)
        show(recorder.draw(frame))
    recorder.stop()


def marked_keys(marks: Sequence[str], classes: Sequence[str]) -> Callable[[int], str]:
    """Keys for a video file in place of a camera: examples as ``CLASS:FIRST-LAST``, in frames.

    Args:
        marks: The examples, in the order of time, apart from each other.
        classes: Class names.

    Raises:
        TeachError: If a mark is not of this form, its class is unknown, or two overlap.
    """
    pressed: dict[int, str] = {}
    before = -1
    for mark in marks:
        match = re.fullmatch(r'(.+):(\d+)-(\d+)', mark)
        if match is None or match[1] not in classes:
            raise TeachError(f'expected CLASS:FIRST-LAST of {", ".join(classes)}, found {mark[:60]!r}')
        first, last = int(match[2]), int(match[3])
        if not before < first < last:
            raise TeachError(f'{mark[:60]!r}: examples are in the order of time, and apart from each other')
        key = CLASS_KEYS[list(classes).index(match[1])]
        pressed[first] = pressed[last + 1] = key
        before = last + 1
    return lambda number: pressed.get(number, '')


def record_examples(
    source: str, classes: Sequence[str], folder: Path, marks: Sequence[str] = (), window: bool = True
) -> None:
    """Record examples of classes from a camera, an address or a file.

    Args:
        source: See :func:`~mmactrep.video.frame_sources.open_frames`.
        classes: Class names.
        folder: See :class:`Recorder`.
        marks: Of :func:`marked_keys`; without them, keys are pressed in a window.
        window: Show the picture.

    Raises:
        QuitError: If the user quits.
        TeachError: If there is neither a window nor marks, or nothing was recorded.
    """
    opened = open_frames(source)
    recorder = Recorder(classes, folder, opened.fps)
    try:
        if marks:
            record(recorder, opened.frames, marked_keys(marks, classes))
        elif window:
            with _Window('teach') as shown:
                record(recorder, opened.frames, shown.key, shown.show)
        else:
            raise TeachError('recording by a key needs a window')
    finally:
        opened.close()


class _Window:
    """A window of OpenCV, and the keys pressed in it."""

    def __init__(self, title: str) -> None:
        self.title = title

    def __enter__(self) -> _Window:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(cv2.error):  # it was never shown, or was closed by the user
            cv2.destroyWindow(self.title)

    def show(self, image: np.ndarray) -> None:
        try:
            cv2.imshow(self.title, image)
        except cv2.error as error:
            raise TeachError(
                'this build of OpenCV, or this machine, has no windows: give a video file and --examples'
            ) from error

    def key(self, number: int) -> str:
        if not number:
            return ''
        code = cv2.waitKey(1) & 0xFF
        return '' if code == 0xFF else chr(code)


def recognize_live(model: Path, source: str, experts: Sequence[str], window: bool = True) -> Iterator[str]:
    """Show what a taught model recognizes in a source, until it ends or the key q is pressed.

    Args:
        model: The model's folder.
        source: Camera, address or file.
        experts: Pose experts.
        window: Show the pictures too.

    Yields:
        A line for each new prediction.
    """
    from mmactrep.apis.skeleton_inferencer import SkeletonInferencer
    from mmactrep.visualization.pose_overlay import PoseOverlay

    infer = SkeletonInferencer(model, experts=list(experts))
    stream = infer.stream()
    overlay = PoseOverlay(infer.layout, num_experts=len(stream.estimator.experts))
    with _Window('recognize') as shown:
        for result in stream.run(source):
            if result.predicted:
                best = ', '.join(
                    f'person {t}: {rows[0][0]} {rows[0][1]:.0%}' for t, rows in result.scores.items()
                )
                yield f'frame {result.frame}: {best}'
            if window:
                shown.show(overlay(result.image, result.persons, result.scores))
                if shown.key(1) in QUIT_KEYS:
                    stream.stop()
