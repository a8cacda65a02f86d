"""Pipelines whose transforms have names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence


def pipeline_steps(pipeline: Sequence[dict | Callable] | Mapping[str, dict | Callable]) -> list:
    """The transforms of a pipeline, in order.

    A config names its transforms, ``dict(sample=dict(type='ReplayPad', length=300), ...)``, so that a child
    config or an option can address them whatever comes before them; an empty one is skipped.

    Args:
        pipeline: Transforms, or names to transforms.

    Raises:
        ValueError: If a named entry is not a transform.
    """
    if not isinstance(pipeline, Mapping):
        return list(pipeline)
    for name, step in pipeline.items():
        if step and not callable(step) and 'type' not in step:
            raise ValueError(f"transform '{name}' of a pipeline has no type, only {sorted(step)}")
    return [step for step in pipeline.values() if step]
