"""The interface of a pose expert."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from mmactrep.errors import UserError
from mmactrep.structures import SkeletonLayout
from mmactrep.structures.poses import FramePoses


class UnknownExpertError(UserError, KeyError):
    """An expert, a model or a file that does not exist; the message lists what is known."""


class ExpertUnavailableError(UserError, RuntimeError):
    """An expert that lacks a package or weights; the message says what, from where, and where to put it."""


def operators_lacking(what: str, error: object) -> ExpertUnavailableError:
    """The error for a model of mmpose or mmdet in an environment that was set up without their operators.

    Args:
        what: What needs them.
        error: What was found to be lacking.
    """
    return ExpertUnavailableError(
        f"{what} needs mmpose, mmdet and mmcv's compiled operators, which this environment lacks ({error}): "
        'bash tools/setup_env.sh --ops adds them'
    )


class PoseExpert(ABC):
    """Finds the persons in frames, in the expert's own layout.

    An expert is used for one video at a time: :meth:`start`, then :meth:`predict` on consecutive batches of
    frames. Experts register in ``POSE_EXPERTS`` and are built from a config or an alias, see
    :func:`build_expert`.

    Attributes:
        name: Name for tables and pictures.
        layout: Layout of the joints that :meth:`predict` returns.
        threaded: Whether :meth:`predict` may run in a thread beside other experts, and gains by it.
        origin: What it was built from, see :func:`origin_of`.
    """

    name: str
    layout: SkeletonLayout
    threaded: bool = False
    origin: str = ''

    def start(self, source: str | None = None) -> None:  # noqa: B027  nothing to forget by default
        """Begin a new video and forget the last. ``source`` is its path or address, if there is one."""

    @abstractmethod
    def predict(self, frames: Sequence[np.ndarray], first: int = 0) -> list[FramePoses]:
        """Find the persons of consecutive frames.

        Args:
            frames: Pictures (H, W, 3) uint8, RGB.
            first: Number of the first frame in its video.

        Returns:
            The persons of each frame, in pixels, joints in :attr:`layout`.
        """

    def notes(self) -> list[str]:
        """What a user should know about the poses of the current video, one sentence each."""
        return []

    def close(self) -> None:  # noqa: B027  nothing to release by default
        """Release what the expert holds."""


def origin_of(expert: PoseExpert) -> str:
    """What an expert's poses come from, for whatever records or caches them.

    Names are for people and need not differ: every ``FOLDER/{stem}.npz`` is called ``{stem}``, and many
    students are called ``epoch_4``. This is the text or config that the expert was built from, with a digest
    of each config and checkpoint that it names: a student trained anew at the same path is another one.
    """
    return expert.origin or expert.name
