"""The input shape (M, T, V, C) of a config's model, read from the config and the model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mmengine.config import Config
from torch import nn

from mmactrep.datasets.pipelines import pipeline_steps
from mmactrep.engine.config_files import ConfigError


def _last(pipeline: Iterable[Mapping], key: str) -> int | None:
    values = [transform[key] for transform in pipeline if isinstance(transform.get(key), int)]
    return values[-1] if values else None


def model_input_shape(cfg: Config, model: nn.Module) -> tuple[int, int, int, int]:
    """The shape of one clip as the config's test pipeline passes it to the model.

    Persons and frames are those of the pipeline (the last ``num_person`` and ``length`` or ``clip_len`` in
    it); joints and channels are the backbone's (its ``num_joints``, or the nodes of its graph).

    Args:
        cfg (Config): A config of a skeleton recognizer.
        model (nn.Module): The model built from it.

    Returns:
        tuple[int, int, int, int]: (M, T, V, C).

    Raises:
        ConfigError: If the config does not determine a dimension; the message names it.
    """
    loader = cfg.get('test_dataloader') or {}
    pipeline = pipeline_steps(cfg.get('test_pipeline') or loader.get('dataset', {}).get('pipeline') or [])
    backbone = getattr(model, 'backbone', None)
    graph = getattr(backbone, 'graph', None)
    shape = dict(
        persons=_last(pipeline, 'num_person') or getattr(backbone, 'num_person', None),
        frames=_last(pipeline, 'length') or _last(pipeline, 'clip_len'),
        joints=getattr(backbone, 'num_joints', None) or getattr(graph, 'num_node', None),
        channels=cfg.model.get('backbone', {}).get('in_channels', getattr(backbone, 'in_channels', None)),
    )
    unknown = [name for name, value in shape.items() if not value]
    if unknown:
        raise ConfigError(
            f'{cfg.filename}: it does not specify the number of {", ".join(unknown)} of a clip: pass --shape'
        )
    return tuple(shape.values())
