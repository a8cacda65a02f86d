"""Results as text for a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from mmactrep.arguments import printable
from mmactrep.errors import InferenceError
from mmactrep.structures.recognition import PersonActions, RecognitionResult


def format_predictions(result: RecognitionResult, max_persons: int = 10) -> str:
    """A table of the top classes of every person, the most important first.

    Args:
        result: The persons and their actions.
        max_persons: Most persons listed.
    """
    blocks = [
        '\n'.join([_heading(person, result), *_rows(person.verdict.rows(person.labels, person.scores))])
        for person in result.persons[:max_persons]
    ]
    left = len(result.persons) - max_persons
    if left > 0:
        blocks.append(f'and {left} more')
    if result.windows:
        blocks.append(
            '\n'.join(['all persons together', *_rows(result.verdict.rows(result.labels, result.scores))])
        )
    return '\n'.join(blocks)


def _heading(person: PersonActions, result: RecognitionResult) -> str:
    track = person.track
    seen = track.seen if track.votes is None else track.votes > 0
    text = f'person {track.track}: frames {track.start} to {track.end - 1}, seen in {seen.sum()}'
    if track.votes is not None and result.num_experts > 1:
        text += f' by {track.votes[seen].mean():.1f} of {result.num_experts} experts on average'
    filled = int((track.seen & ~seen).sum())
    if filled:
        text += f', interpolated in {filled}'
    if person.windows:
        text += f', {len(person.windows)} window{"s" * (len(person.windows) > 1)}'
    elif not result.windows:
        text += ', too few to recognize anything'
    return text


def _rows(rows: Sequence[tuple[str, float]]) -> list[str]:
    width = max((len(label) for label, _ in rows), default=0)
    return [f'  {label:<{width}}  {score:6.1%}' for label, score in rows]


def format_timings(result: RecognitionResult, further: Mapping[str, float] | None = None) -> str:
    """A table of the stages: seconds and frames per second.

    Args:
        result: Result of an inferencer.
        further: Seconds of later stages, by name.
    """
    rows = []
    for stage, entry in result.timings.items():
        rows.append((stage, entry['seconds'], entry['fps']))
        if stage == 'experts' and len(result.expert_timings) > 1:
            rows += [(f'  {name}', e['seconds'], e['fps']) for name, e in result.expert_timings.items()]
    for stage, seconds in (further or {}).items():
        rows.append((stage, seconds, result.num_frames / max(seconds, 1e-9)))
    width = max(len(stage) for stage, _, _ in rows)
    lines = [f'{"stage":<{width}}  {"seconds":>9}  {"frames/s":>10}']
    lines += [f'{stage:<{width}}  {seconds:9.2f}  {fps:10,.1f}' for stage, seconds, fps in rows]
    return '\n'.join(lines)


@contextmanager
def progress_bar(total: int | None, what: str) -> Iterator[Callable[[int], None]]:
    """A bar on the error stream, if that is a terminal; gives what is called with the number of items done.

    Args:
        total: Number of items; None if it is not known.
        what: What takes the time.
    """
    from tqdm import tqdm

    with tqdm(total=total, desc=what, unit=' frames', leave=False, disable=None) as bar:
        yield lambda done: bar.update(done - bar.n)


def print_notes(notes: Sequence[str]) -> None:
    """Print notes on an input to the error stream."""
    for note in notes:
        print(f'note: {printable(note)}', file=sys.stderr)


def outputs_for(sources: Sequence[str], out: Path | None, folder: Path, suffix: str) -> dict[str, Path]:
    """The file to write for each input.

    Args:
        sources: The inputs, paths or addresses.
        out: A file for a single input, or a folder, which has no suffix or exists. Default: ``folder``.
        folder: Folder of the default files.
        suffix: Suffix of the files.

    Raises:
        InferenceError: If ``out`` is a file for several inputs, or a file of another suffix; if several
            inputs share one output file, or one would be written over.
    """
    folder = folder if out is None else out
    if folder.suffix and not folder.is_dir():
        if len(sources) > 1:
            raise InferenceError(f'--out {folder}: expected a folder, as there are {len(sources)} inputs')
        if folder.suffix.lower() != suffix:
            raise InferenceError(f'--out {folder}: expected a file that ends in {suffix}, or a folder')
        _refuse_input(sources[0], folder)
        return {sources[0]: folder}
    files: dict[Path, str] = {}
    for source in sources:
        # file names may contain bytes that are not text, and clip ids any character
        name = ''.join(char if char.isprintable() and char not in '/:' else '_' for char in Path(source).stem)
        file = folder / f'{name or "input"}{suffix}'
        if file in files:
            raise InferenceError(f'{files[file]} and {source} would both be written to {file}')
        _refuse_input(source, file)
        files[file] = source
    return {source: file for file, source in files.items()}


def _refuse_input(source: str, file: Path) -> None:
    if file.is_file() and Path(source).is_file() and file.samefile(source):
        raise InferenceError(f'{source} would be written over: choose another --out')
