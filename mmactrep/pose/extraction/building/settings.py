"""How a data set is built, and what was done."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from mmactrep.pose.extraction.settings import ExtractionSettings

#: Stores of a data set, by their names in its folder.
FLAT, SOLID = '2d', '3d'


@dataclass
class BuildReport:
    """What a build did.

    Args:
        root: Folder of the data set.
        rows: Rows of this process.
        resumed: Rows that an earlier attempt had done.
        counts: Rows by reason; those with a clip under ``''``.
        frames: Frames processed by this attempt.
        seconds: Time of each stage: decoding, every expert, aggregation, lifting.
        processor: Processor time of this attempt in seconds, of all threads: what it costs, however busy the
            machine is.
        skipped_file: List of the rows without a clip, but for those whose label is dropped.
    """

    root: Path
    rows: int = 0
    resumed: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    frames: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    processor: float = 0.0
    skipped_file: Path = Path()


@dataclass(frozen=True)
class BuildSettings:
    """How clips are made of rows.

    Args:
        extraction: How poses become clips; ``clip_length`` is 0, a clip is a row.
        min_share: Clips with one of their persons in a lower share of the frames are left out. By default
            those without a body in over half of their frames (3.5).
        skip_bad: List rows whose video cannot be used and go on, instead of stopping at the first.
        batch_size: Frames per batch for the experts.
        dtype: ``'float32'`` or ``'float16'``.
    """

    extraction: ExtractionSettings = field(default_factory=ExtractionSettings)
    min_share: float = 0.5
    skip_bad: bool = False
    batch_size: int = 16
    dtype: str = 'float32'
