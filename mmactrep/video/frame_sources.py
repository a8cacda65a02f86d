"""Where pictures come from: arrays, cameras, addresses, files."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from mmactrep.errors import InferenceError

STREAM_ADDRESS = re.compile(r'^(rtsps?|rtmp|https?|udp|tcp)://', re.IGNORECASE)


def batches(
    frames: Iterable[np.ndarray], size: int, seconds: dict[str, float]
) -> Iterator[tuple[int, list[np.ndarray]]]:
    """(first frame number, frames) of consecutive batches; the time it takes to get them is added up."""
    batch: list[np.ndarray] = []
    first, iterator = 0, iter(frames)
    while True:
        begin = time.perf_counter()
        frame = next(iterator, None)
        seconds['decode'] = seconds.get('decode', 0.0) + time.perf_counter() - begin
        if frame is not None:
            batch.append(frame)
        if batch and (frame is None or len(batch) == size):
            yield first, batch
            first, batch = first + len(batch), []
        if frame is None:
            return


def check_frames(frames: np.ndarray | Sequence[np.ndarray]) -> np.ndarray | Sequence[np.ndarray]:
    """Refuse an array that is not pictures (T, H, W, 3) uint8."""
    shape, dtype = np.shape(frames), getattr(frames, 'dtype', None)
    if len(shape) != 4 or shape[-1] != 3 or dtype != np.uint8 or 0 in shape:
        raise InferenceError(f'expected frames (T, H, W, 3) uint8 in RGB, found {shape} {dtype}')
    return frames


def capture_frames(address: str | int, max_frames: int | None = None) -> Iterator[np.ndarray]:
    """Frames (H, W, 3) RGB of a camera, an address or a file, as OpenCV reads them.

    Raises:
        InferenceError: If it cannot be opened.
    """
    capture = open_capture(address)
    try:
        count = 0
        while max_frames is None or count < max_frames:
            there, frame = capture.read()
            if not there:
                return
            count += 1
            yield cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
    finally:
        capture.release()


def open_capture(address: str | int) -> cv2.VideoCapture:
    """OpenCV's reader of a camera (its number), an address or a file.

    Raises:
        FileNotFoundError: If it is a file that does not exist.
        InferenceError: If it cannot be opened.
    """
    text = str(address)
    live = text.isdecimal() or STREAM_ADDRESS.match(text)
    if not live and not Path(text).is_file():
        raise FileNotFoundError(f'{text}: no such file')
    capture = cv2.VideoCapture(int(text) if text.isdecimal() else text)
    if not capture.isOpened():
        capture.release()
        kind = 'camera' if text.isdecimal() else 'stream' if live else 'video'
        raise InferenceError(f'{kind} {text} cannot be opened')
    return capture
