"""Lifting into the layout of a data set, with the time that it takes."""

from __future__ import annotations

import time

import numpy as np

from mmactrep.pose.extraction.settings import Lifter
from mmactrep.structures import SkeletonLayout


class LayoutLifter:
    """A lifter whose poses have the joints of a layout, where these can be derived from its own.

    Args:
        lifter: Lifts to 3D.
        layout: The layout that is wanted.

    Attributes:
        layout: That layout, or the lifter's own if it cannot give it.
        seconds: Time spent lifting so far.
    """

    def __init__(self, lifter: Lifter, layout: SkeletonLayout) -> None:
        self._lifter = lifter
        self.seconds = 0.0
        try:
            self._mapping = None if lifter.layout == layout else lifter.layout.mapping_to(layout)
            self.layout = layout
        except ValueError:
            self._mapping, self.layout = None, lifter.layout

    def __call__(
        self, keypoint: np.ndarray, score: np.ndarray, layout: SkeletonLayout
    ) -> tuple[np.ndarray, np.ndarray]:
        """Lift (T, V, 2), (T, V) in ``layout`` to (T, V', 3), (T, V') in :attr:`layout`."""
        begin = time.perf_counter()
        lifted = self._lifter(keypoint, score, layout)
        self.seconds += time.perf_counter() - begin
        return lifted if self._mapping is None else self._mapping(*lifted)
