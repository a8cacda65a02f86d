"""What is said of each clip of a data set, for learning from motion and text (T-MOR, thesis 6.3.1)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mmactrep.datasets.texts.captions import read_captions
from mmactrep.structures.class_texts import words_of

from .outcomes import Outcome, read_outcomes
from .settings import FLAT
from .sources import Source

CAPTION_FILE = 'captions.json'


@dataclass
class CaptionReport:
    """Where captions came from.

    Args:
        written: Clips with a caption of a file.
        named: Clips with the name of their class.
        without: Clips with neither.
    """

    written: int = 0
    named: int = 0
    without: int = 0


def write_captions(sources: Sequence[Source], root: Path) -> CaptionReport:
    """Write ``root/captions.json`` for the clips of a data set: name of the clip to a list of sentences.

    A clip has the sentences that the caption file of its source has under the clip's name, that name without
    the source's prefix, or the name of its video; else the name of its class in words. It is read by
    ``tools/extract_features.py text --captions``.

    Args:
        sources: The sources.
        root: Folder of the data set.

    Raises:
        BadFileError: If a caption file is not JSON.
        CaptionError: If it is no object of sentences.
    """
    files = [{} if source.captions is None else read_captions(source.captions) for source in sources]
    report = CaptionReport()
    partial = root / f'{CAPTION_FILE}.partial'
    with open(partial, 'w', encoding='utf-8') as file:
        # line by line: a million clips need no million texts in memory
        separator = '{\n'
        for name, sentences in _captions(sources, files, read_outcomes(root / FLAT), report):
            file.write(f'{separator}{json.dumps(name)}: {json.dumps(sentences, ensure_ascii=False)}')
            separator = ',\n'
        file.write('{}\n' if separator == '{\n' else '\n}\n')
    os.replace(partial, root / CAPTION_FILE)
    return report


def _captions(
    sources: Sequence[Source],
    files: Sequence[Mapping[str, list[str]]],
    outcomes: Iterator[Outcome],
    report: CaptionReport,
) -> Iterator[tuple[str, list[str]]]:
    for outcome in outcomes:
        if not outcome.kept:
            continue
        own, prefix = files[outcome.source], sources[outcome.source].name
        names = (outcome.name, outcome.name.removeprefix(f'{prefix}/'), outcome.video)
        sentences = next((own[name] for name in names if name in own), None)
        words = words_of(outcome.label)
        if sentences is not None:
            report.written += 1
            yield outcome.name, sentences
        elif words:
            report.named += 1
            yield outcome.name, [words]
        else:
            report.without += 1
