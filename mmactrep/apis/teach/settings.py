"""What a run of teaching is asked to do, and where its files are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmactrep.errors import UserError

#: Layout of the joints; the encoders in ``demo/checkpoints`` have it.
LAYOUT = 'posetics17'
#: With fewer clips than this, every clip is tested once, by k folds; with more, a part of them is.
FEW_CLIPS = 300
FOLDS = 5


class TeachError(UserError, ValueError):
    """Videos on which nothing can be trained as they are; the message says what to change."""


@dataclass(frozen=True)
class TeachSettings:
    """What is asked for.

    Args:
        source: Folder of class folders, CSV list, or store.
        out: Folder of all results.
        videos: Folder of the videos of a list. Default: that of the list.
        experts: Pose experts, see ``build_experts``. Default: the fastest that are installed.
        folds: Number of folds, or a regular expression on the clips' names: clips with the same match are a
            fold. Default: by the number of clips, and a given split as it is.
        groups: Regular expression on the clips' names; clips with the same match are never on both sides of
            a split, as those of a person. Default: clips of the same video.
        starts: Names of the weights to choose from, see :data:`.starts.STARTS`.
        steps: Lengths of training to choose from, in steps.
        rate: Learning rate.
        processes: Processes for poses and for trainings.
        seed: Seed of splits and trainings.
        min_share: Clips with a body in a lower share of their frames are left out.
        skip_bad: List videos that cannot be used, and go on.
        curve: Shares of the training clips for the learning curve; none for no curve.
        overlays: Overlays on the recipe, such as another network; training starts from random weights then.
        noun: What the classes are, in the plural: 'actions'.
        progress: Show progress bars.
    """

    source: str
    out: Path
    videos: Path | None = None
    experts: Sequence[Any] = ()
    folds: int | str | None = None
    groups: str | None = None
    starts: Sequence[str] = ('tmor', 'via', 'lac')
    steps: Sequence[int] = (60, 120)
    rate: float = 0.05
    processes: int = 2
    seed: int = 0
    min_share: float = 0.5
    skip_bad: bool = False
    curve: Sequence[float] = (0.25, 0.5)
    overlays: Sequence[str] = ()
    noun: str = 'actions'
    progress: bool = True
    title: str = field(default='')

    @property
    def poses(self) -> Path:
        """Cache of the poses of each clip."""
        return self.out / 'poses'

    @property
    def store(self) -> Path:
        """The store of all clips that had a body."""
        return self.out / 'data' / '2d'

    @property
    def runs(self) -> Path:
        """Work folders of the trainings."""
        return self.out / 'runs'

    @property
    def model(self) -> Path:
        """The folder of the recognizer."""
        return self.out / 'MODEL'

    @property
    def page(self) -> Path:
        """The report."""
        return self.out / 'report.html'
