"""What several experts need of a frame, computed once."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Hashable
from typing import Any

import cv2
import numpy as np


class FrameCache:
    """Results about frames, kept for as long as somebody holds the frame; safe for experts in threads.

    Frames are told apart by their identity: the experts of one batch are given the same arrays.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._frames: dict[int, tuple[weakref.ref, dict[Hashable, _Result]]] = {}

    def __call__(self, frame: np.ndarray, what: Hashable, compute: Callable[[], Any]) -> Any:
        """The result named ``what`` of a frame; ``compute`` gives it the first time.

        A second thread that asks for the same result waits for the first.
        """
        with self._lock:
            result = self._of(frame).setdefault(what, _Result())
        with result.lock:
            if not result.ready:
                result.value, result.ready = compute(), True
            return result.value

    def halved(self, frame: np.ndarray, least: int) -> tuple[np.ndarray, int]:
        """The frame (H, W, 3), halved as often as its shorter side stays at least ``least`` pixels.

        Returns:
            The smaller picture, and by how much it is smaller: 1, 2, 4, ...
        """
        factor = 1
        while min(frame.shape[:2]) // (2 * factor) >= least:
            factor *= 2
        if factor == 1:
            return frame, 1
        size = (frame.shape[1] // factor, frame.shape[0] // factor)
        # whole blocks, so that a pixel of the small picture is the mean of exactly factor x factor pixels
        whole = frame[: size[1] * factor, : size[0] * factor]
        small = self(frame, ('halved', factor), lambda: cv2.resize(whole, size, interpolation=cv2.INTER_AREA))
        return small, factor

    def _of(self, frame: np.ndarray) -> dict[Hashable, _Result]:
        key = id(frame)
        known = self._frames.get(key)
        if known is not None and known[0]() is frame:
            return known[1]
        results: dict[Hashable, _Result] = {}

        def forget(reference: weakref.ref) -> None:
            # runs whenever a frame is freed, perhaps inside the lock: one step, without taking it
            current = self._frames.get(key)
            if current is not None and current[0] is reference:
                self._frames.pop(key, None)

        self._frames[key] = weakref.ref(frame, forget), results
        return results

    def __len__(self) -> int:
        """Frames of which something is kept."""
        return len(self._frames)


class _Result:
    def __init__(self) -> None:
        self.lock, self.ready, self.value = threading.Lock(), False, None
