"""Results as text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping


def format_predictions(result: Mapping, max_tracks: int = 10) -> str:
    """A table of the top classes of every person, the most important first.

    Args:
        result: Of ``SkeletonInferencer``.
        max_tracks: Persons listed.
    """
    blocks = []
    for track in result['tracks'][:max_tracks]:
        seen = int((track['keypoint_score'] > 0).any(axis=1).sum())
        head = f'person {track["track"]}: frames {track["start"]} to {track["end"] - 1}, seen in {seen}'
        if track['windows']:
            head += f', {len(track["windows"])} window{"s" * (len(track["windows"]) > 1)}'
        elif not result['windows']:
            head += ', too few to recognise anything'
        blocks.append('\n'.join([head, *_rows(track)]))
    left = len(result['tracks']) - max_tracks
    if left > 0:
        blocks.append(f'and {left} more')
    if result['windows']:
        blocks.append('\n'.join(['all persons together', *_rows(result)]))
    return '\n'.join(blocks)


def _rows(entry: Mapping) -> list[str]:
    width = max(map(len, entry['labels']), default=0)
    return [f'  {label:<{width}}  {score:6.1%}' for label, score in zip(entry['labels'], entry['scores'])]


def format_timings(result: Mapping, further: Mapping[str, float] | None = None) -> str:
    """A table of the stages: seconds and frames a second.

    Args:
        result: Of ``SkeletonInferencer``.
        further: Seconds of stages that came after it, by name.
    """
    rows = []
    for stage, entry in result['timings'].items():
        rows.append((stage, entry['seconds'], entry['fps']))
        if stage == 'experts' and len(result['expert_timings']) > 1:
            rows += [(f'  {name}', e['seconds'], e['fps']) for name, e in result['expert_timings'].items()]
    for stage, seconds in (further or {}).items():
        rows.append((stage, seconds, result['num_frames'] / max(seconds, 1e-9)))
    width = max(len(stage) for stage, _, _ in rows)
    lines = [f'{"stage":<{width}}  {"seconds":>9}  {"frames/s":>10}']
    lines += [f'{stage:<{width}}  {seconds:9.2f}  {fps:10,.1f}' for stage, seconds, fps in rows]
    return '\n'.join(lines)
