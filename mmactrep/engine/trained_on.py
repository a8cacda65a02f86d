"""What a checkpoint records about its training: joints, classes, and the config for inference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mmactrep.errors import CheckpointError, UserError
from mmactrep.files import reason
from mmactrep.structures import SkeletonLayout, get_layout

if TYPE_CHECKING:
    from mmengine.config import Config

#: Keys of a checkpoint's ``meta``.
LAYOUT, INFERENCE, GENERATOR = 'layout', 'inference', 'generator'
#: The same for names of the classes whose texts a model was trained with.
SEEN = 'seen_classes'
#: Key of φ_V and its teacher in the config of a text recognizer.
VIDEO = 'video_head'

# Bound on whole numbers of a config for inference (lengths, widths, persons): a file may contain any.
_LARGEST = 10_000
# A graph is a joints × joints matrix, built with numpy.
_MOST_JOINTS = 1_000
_MOST_ENTRIES, _DEEPEST = 2_000, 20
# The keys of the test data set that belong to the model: how a clip becomes its input.
_DATASET_KEYS = ('type', 'pipeline', 'stream', 'window')
# A model that has its weights does not need to know where initial weights came from.
_LEFT_OUT = ('init_cfg', 'pretrained')
# Modules whose registered classes a checkpoint may name: they only compute and do not open files.
_ADMITTED = (
    'mmactrep.',
    'mmaction.datasets.transforms.formatting',
    'mmaction.datasets.transforms.pose_transforms',
    'mmaction.models.backbones.aagcn',
    'mmaction.models.backbones.stgcn',
    'mmaction.models.data_preprocessors.',
    'mmaction.models.heads.gcn_head',
    'mmaction.models.heads.i3d_head',
    'mmaction.models.losses.',
    'mmaction.models.recognizers.recognizer3d',
    'mmaction.models.recognizers.recognizer_gcn',
)


def trained_layout(meta: Mapping, path: object) -> SkeletonLayout | None:
    """Layout of the joints that a checkpoint was trained on, or None if it has none.

    Args:
        meta: Of the checkpoint. ``layout`` holds the whole layout; older ones have its name in
            ``dataset_meta``.
        path: Path of the checkpoint, for the message.

    Raises:
        CheckpointError: If the entry is not a valid layout.
    """
    found = meta.get(LAYOUT) or _dataset_meta(meta).get('layout')
    if found is None:
        return None
    try:
        return get_layout(found)
    except (UserError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise CheckpointError(f'{path}: {reason(error) if not error.args else error.args[0]}') from error


def trained_classes(meta: Mapping) -> list[str]:
    """Class names that a checkpoint was trained on; empty if it has none."""
    found = _dataset_meta(meta).get('classes')
    if not isinstance(found, (list, tuple)) or not all(isinstance(name, str) for name in found):
        return []
    return list(found)


def _dataset_meta(meta: Mapping) -> Mapping:
    found = meta.get('dataset_meta')
    return found if isinstance(found, Mapping) else {}


def compare_classes(trained: Sequence[str], found: Sequence[str]) -> str | None:
    """A phrase that describes how two lists of classes first differ, or None if they are equal."""
    trained, found = list(trained), list(found)
    if trained == found:
        return None
    first = next((i for i, pair in enumerate(zip(trained, found)) if pair[0] != pair[1]), None)
    if first is None:
        first = min(len(trained), len(found))
    names = [repr(names[first])[:80] if first < len(names) else 'none' for names in (trained, found)]
    how = 'the same classes in another order' if sorted(trained) == sorted(found) else 'other classes'
    return (
        f'{how} ({len(trained)} and {len(found)}); the first difference is class {first}: {names[0]} and '
        f'{names[1]}'
    )


def inference_config(cfg: Config) -> dict | None:
    """The part of a training config that a trained model needs: model and test pipeline, as plain data.

    It contains no paths of the machine: no stores, work folders, or sources of initial weights.

    Args:
        cfg: A training config.

    Returns:
        Dictionaries, lists, numbers and strings, or None if the config has no such parts.
    """
    content = cfg.to_dict()
    dataset = first_with(content.get('test_dataloader'), 'pipeline')
    if not isinstance(content.get('model'), dict) or dataset is None:
        return None
    kept = dict(
        default_scope=content.get('default_scope', 'mmactrep'),
        model=content['model'],
        test_dataloader=dict(dataset={key: dataset[key] for key in _DATASET_KEYS if key in dataset}),
    )
    try:
        return plain_copy(kept)
    except ValueError:
        return None


def generator_config(cfg: Config, layout: SkeletonLayout) -> dict | None:
    """The config of the motion generator that a training trains, complete and as plain data.

    Args:
        cfg: A training config.
        layout: Layout of the generator that was built from it; it replaces the name in the config.

    Returns:
        The config, or None if the model has no generator of its own or it cannot be expressed as plain data.
    """
    found = cfg.model.get('generator')
    if not isinstance(found, dict):
        return None
    try:
        return plain_copy(found.to_dict() | dict(layout=layout.to_dict()))
    except ValueError:
        return None


def read_generator_config(meta: Mapping, path: object) -> dict | None:
    """The config of the motion generator in a checkpoint, or None if it holds none.

    It is foreign data, and admitted by the rules of :func:`read_inference_config`.

    Args:
        meta: ``meta`` of the checkpoint.
        path: Path of the checkpoint, for the message.

    Raises:
        CheckpointError: If it is not such a config, or names anything else.
    """
    found = meta.get(GENERATOR)
    if found is None:
        return None
    with _refusing(path, 'the config of a generator'):
        content = plain_copy(found)
        _check_type(content['type'], _registry('MODELS'))
        _check_types(content, 'MODELS')
        return content


def read_inference_config(meta: Mapping, path: object) -> Config | None:
    """The config that a checkpoint holds, or None if it holds none.

    It is foreign data. It may only name registered classes that compute and do not open files, never one by
    an import path; its numbers and its size are bounded.

    Args:
        meta: ``meta`` of the checkpoint.
        path: Path of the checkpoint, for the message.

    Raises:
        CheckpointError: If it is not such a config, or names anything else.
    """
    from mmengine.config import Config

    found = meta.get(INFERENCE)
    if found is None:
        return None
    with _refusing(path, 'the config'):
        content = plain_copy(found)
        parts = {key: content[key] for key in ('model', 'test_dataloader')}
        scope = content.get('default_scope', 'mmactrep')
        if scope != 'mmactrep':
            raise ValueError(f'its scope is {scope!r:.80}')
        _check_types(parts['model'], 'MODELS')
        _check_types(parts['test_dataloader']['dataset']['pipeline'], 'TRANSFORMS')
        parts['test_dataloader']['dataset'].pop('type', None)
        return Config(dict(parts, default_scope='mmactrep'))


@contextmanager
def _refusing(path: object, what: str) -> Iterator[None]:
    """Turn what goes wrong with a foreign config into a :class:`CheckpointError`."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f'{path}: {what} that it holds cannot be used: {reason(error)}; pass the config instead'
        ) from error


def _check_types(node: Any, registry: str) -> None:
    """Refuse every ``type`` that is not a class which a checkpoint may name."""
    if isinstance(node, dict):
        if 'type' in node:
            _check_type(node['type'], _registry(registry))
        if '_scope_' in node:
            raise ValueError("it switches the scope ('_scope_')")
        node = list(node.values())
    if isinstance(node, (list, tuple)):
        for each in node:
            _check_types(each, registry)


def _registry(name: str):
    # imports the toolbox, which reading a checkpoint alone does not need
    from mmactrep import registry as registries

    return getattr(registries, name)


def _check_type(name: Any, registry) -> None:
    # Registry.get would import an unknown name as a path
    found = None
    if isinstance(name, str) and name.isidentifier():
        registry.import_from_location()
        while registry is not None and found is None:
            found, registry = registry.module_dict.get(name), registry.parent
    module = getattr(found, '__module__', '') or ''
    if found is None or not isinstance(found, type) or not module.startswith(_ADMITTED):
        raise ValueError(f'it names the class {name!r:.80}')


def plain_copy(node: Any, depth: int = 0, count: list[int] | None = None) -> Any:
    """A copy of plain containers, numbers and strings, as a checkpoint may hold them.

    Raises:
        ValueError: If there is anything else, or too much of it.
    """
    count = [0] if count is None else count
    count[0] += 1
    if count[0] > _MOST_ENTRIES or depth > _DEEPEST:
        raise ValueError('it is too large')
    if isinstance(node, dict):
        if not all(isinstance(key, str) for key in node):
            raise ValueError('its keys are not all text')
        joints = node.get('num_node', 0)
        if isinstance(joints, int) and joints > _MOST_JOINTS:
            raise ValueError(f'it has a graph of {joints} joints')
        return {key: plain_copy(node[key], depth + 1, count) for key in node if key not in _LEFT_OUT}
    if isinstance(node, (list, tuple)):
        return type(node)(plain_copy(each, depth + 1, count) for each in node)
    if node is None or isinstance(node, (bool, float)):
        return node
    if isinstance(node, int) and abs(node) <= _LARGEST:
        return node
    if isinstance(node, str) and len(node) <= 10_000:
        return node
    raise ValueError(f'it holds {node!r:.80}')


def first_with(node: Any, key: str) -> dict | None:
    """The first dictionary with a key, anywhere in nested ones; None if there is none."""
    if isinstance(node, dict):
        if key in node:
            return node
        node = list(node.values())
    for each in node if isinstance(node, (list, tuple)) else ():
        found = first_with(each, key)
        if found is not None:
            return found
    return None
