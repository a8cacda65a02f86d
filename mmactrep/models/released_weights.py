"""The officially released UNIK weights in the names and shapes of :class:`mmactrep.models.UNIK`.

The release has one convolution per head and a bias before every batch norm. Here the heads of a unit are one
tensor, and the bias is folded into the batch norm: it is subtracted from the running mean of the biased
input. The scores are the same; so is training, where the batch mean removes the bias.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from mmactrep.engine.checkpoints import CheckpointNotFoundError, check_weights, read_torch_file
from mmactrep.errors import CheckpointError, UserError
from mmactrep.models.backbones.unik import UNIK, UNIKBlock, resize_persons

from .released_architecture import architecture_of, different_settings, read_architecture

PREFIXES = ('module.', 'model_action.')
_NORM = ('weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked')
_OPTIONAL = 'num_batches_tracked'
#: Maximum number of keys that a message lists.
MOST_KEYS = 12


class WeightsMismatchError(UserError, ValueError):
    """Weights that do not fit the model; the message lists missing, unexpected and misshapen keys."""


def read_released_weights(path: str | Path) -> dict[str, Tensor]:
    """Read a released weights file.

    Args:
        path (str | Path): A file of ``torch.save``: a state dictionary, or one under ``state_dict`` or
            ``model``.

    Returns:
        dict[str, Tensor]: Weights in single precision, by names without the prefixes ``module.`` and
            ``model_action.``.

    Raises:
        WeightsMismatchError: If the file holds anything but tensors by name.
        FileNotFoundError: If there is no such file.
    """
    try:
        content = read_torch_file(path)
    except CheckpointNotFoundError:
        raise
    except CheckpointError as error:
        raise WeightsMismatchError(f'{path} is no file of PyTorch weights: {error}') from error
    for key in ('state_dict', 'model'):
        if isinstance(content, Mapping) and isinstance(content.get(key), Mapping):
            content = content[key]
    if not isinstance(content, Mapping) or not all(isinstance(v, Tensor) for v in content.values()):
        raise WeightsMismatchError(f'{path} holds no state dictionary: names and tensors were expected')
    check_weights(content, path)
    return {name: _in_single_precision(value) for name, value in strip_prefixes(content).items()}


def _in_single_precision(value: Tensor) -> Tensor:
    # biases are folded into running means, which should not be computed in half precision
    return value.float() if value.is_floating_point() else value


def strip_prefixes(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Remove any leading ``module.`` and ``model_action.`` from the names."""
    stripped = {}
    for name, value in state.items():
        while name.startswith(PREFIXES):
            name = name.split('.', 1)[1]
        stripped[name] = value
    return stripped


def _norm(name: str, norm: nn.Module) -> dict[str, tuple[int, ...]]:
    state = norm.state_dict()
    return {f'{name}.{key}': tuple(state[key].shape) for key in _NORM}


def _conv(name: str, weight_shape: Iterable[int]) -> dict[str, tuple[int, ...]]:
    shape = tuple(weight_shape)
    return {f'{name}.weight': shape, f'{name}.bias': shape[:1]}


def _block_shapes(name: str, block: UNIKBlock) -> dict[str, tuple[int, ...]]:
    unit, embedding = block.spatial, block.spatial.embedding
    shapes = {f'{name}.s_unit.DepM': tuple(unit.dependency.shape)}
    shapes[f'{name}.s_unit.bias'] = (unit.dependency.shape[-1],)
    for head in range(unit.num_heads):
        if unit.attention_embed is not None:
            for conv in ('conv_a', 'conv_b'):
                shapes |= _conv(f'{name}.s_unit.{conv}.{head}', (unit.embed_channels, unit.in_channels, 1, 1))
        shapes |= _conv(f'{name}.s_unit.conv_d.{head}', (*embedding.shape[1:], 1, 1))
    if isinstance(unit.down, nn.Sequential):
        shapes |= _conv(f'{name}.s_unit.down.0', unit.down[0].weight.shape)
        shapes |= _norm(f'{name}.s_unit.down.1', unit.down[1])
    shapes |= _norm(f'{name}.s_unit.bn', unit.bn)
    if unit.fold is not None:
        shapes |= _conv(f'{name}.s_unit.out_conv', unit.fold.weight.shape)
        shapes |= _norm(f'{name}.s_unit.out_bn', unit.fold_bn)
    temporal = dict(t_unit=block.temporal)
    if isinstance(block.residual, nn.Sequential):
        temporal['residual'] = block.residual
    for key, module in temporal.items():
        shapes |= _conv(f'{name}.{key}.conv', module.conv.weight.shape) | _norm(f'{name}.{key}.bn', module.bn)
    return shapes


def released_shapes(backbone: UNIK, num_classes: int | None) -> dict[str, tuple[int, ...]]:
    """Names and shapes of released weights for a backbone (and, unless None, a classifier)."""
    shapes = _norm('data_bn', backbone.data_bn)
    for k, block in enumerate(backbone.blocks):
        shapes |= _block_shapes(f'l{k + 1}', block)
    if num_classes is not None:
        shapes |= _conv('fc', (num_classes, backbone.out_channels))
    return shapes


def check_released_weights(
    released: Mapping[str, Tensor], backbone: UNIK, num_classes: int | None = None
) -> None:
    """Check names and shapes; the number of persons of ``data_bn`` may differ from the backbone's.

    Raises:
        WeightsMismatchError: With the settings that differ if the weights belong to another UNIK; otherwise
            with the missing, unexpected and misshapen keys.
    """
    _check_settings(released, backbone)
    expected = released_shapes(backbone, num_classes)
    person = backbone.num_joints * backbone.in_channels
    problems = [f'missing: {key}' for key in expected if key not in released and not key.endswith(_OPTIONAL)]
    unexpected = [
        key for key in released if key not in expected and not (num_classes is None and key.startswith('fc.'))
    ]
    problems += [f'unexpected: {key}' for key in unexpected]
    for key, shape in expected.items():
        found = tuple(released[key].shape) if key in released else shape
        if (
            key.startswith('data_bn.')
            and len(shape) == 1 == len(found)
            and found[0]
            and not found[0] % person
        ):
            continue
        if found != shape:
            problems.append(f'wrong shape: {key}, expected {shape}, found {found}')
    if problems:
        more = [f'and {len(problems) - MOST_KEYS} more'] if len(problems) > MOST_KEYS else []
        listed = '\n  '.join([*problems[:MOST_KEYS], *more])
        raise WeightsMismatchError(f'the weights do not fit the model:\n  {listed}')


def _check_settings(released: Mapping[str, Tensor], backbone: UNIK) -> None:
    """Refuse an undamaged file of weights of another UNIK, with the settings that differ."""
    try:
        found = read_architecture(released)
    except ValueError:
        return
    different = different_settings(found, architecture_of(backbone))
    if not different:
        return
    classes = found.pop('num_classes')
    with torch.device('meta'):
        expected = released_shapes(UNIK(**found), classes)
    shapes = {key: tuple(value.shape) for key, value in released.items()}
    optional = {key for key in expected if key.endswith(_OPTIONAL)}
    missing = expected.keys() - shapes.keys() - optional
    if missing or any(shapes[key] != shape for key, shape in expected.items() if key in shapes):
        return  # damaged: a list of keys says more
    raise WeightsMismatchError(
        'the weights are those of another UNIK: '
        + ', '.join(f'{key}={theirs} (the model has {own})' for key, (theirs, own) in different.items())
    )


def _take_norm(released: Mapping[str, Tensor], source: str, target: str, bias: Tensor | float = 0.0) -> dict:
    """A batch norm's entries; ``bias`` is the bias of the preceding layer."""
    state = {f'{target}.{key}': released[f'{source}.{key}'] for key in _NORM if key != _OPTIONAL}
    state[f'{target}.running_mean'] = state[f'{target}.running_mean'] - bias
    state[f'{target}.{_OPTIONAL}'] = released.get(f'{source}.{_OPTIONAL}', torch.tensor(0))
    return state


def _convert_block(released: Mapping[str, Tensor], source: str, target: str, heads: int) -> dict[str, Tensor]:
    def has(key: str) -> bool:
        return f'{source}.{key}.weight' in released

    def parts(*convs: str, entry: str) -> list[Tensor]:
        return [released[f'{source}.s_unit.{c}.{i}.{entry}'] for c in convs for i in range(heads)]

    def conv_norm(conv: str, norm: str, new_conv: str, new_norm: str) -> dict[str, Tensor]:
        bias = released[f'{source}.{conv}.bias']
        norm_state = _take_norm(released, f'{source}.{norm}', f'{target}.{new_norm}', bias)
        return {f'{target}.{new_conv}.weight': released[f'{source}.{conv}.weight']} | norm_state

    state = {
        f'{target}.spatial.dependency': released[f'{source}.s_unit.DepM'],
        f'{target}.spatial.embedding': torch.stack(parts('conv_d', entry='weight'))[..., 0, 0],
    }
    if has('s_unit.conv_a.0'):
        for entry in ('weight', 'bias'):
            embed = torch.cat(parts('conv_a', 'conv_b', entry=entry))
            state[f'{target}.spatial.attention_embed.{entry}'] = embed
    bias = torch.stack(parts('conv_d', entry='bias')).sum(0)
    state |= _take_norm(released, f'{source}.s_unit.bn', f'{target}.spatial.bn', bias)
    if has('s_unit.down.0'):
        state |= conv_norm('s_unit.down.0', 's_unit.down.1', 'spatial.down.0', 'spatial.down.1')
    if has('s_unit.out_conv'):
        state |= conv_norm('s_unit.out_conv', 's_unit.out_bn', 'spatial.fold', 'spatial.fold_bn')
    state |= conv_norm('t_unit.conv', 't_unit.bn', 'temporal.conv', 'temporal.bn')
    if has('residual.conv'):
        state |= conv_norm('residual.conv', 'residual.bn', 'residual.conv', 'residual.bn')
    return state


def convert_released_weights(
    released: Mapping[str, Tensor], backbone: UNIK, num_classes: int | None = None
) -> dict[str, Tensor]:
    """Convert released weights for ``RecognizerGCN`` with a ``UNIK`` backbone and a ``GCNHead``.

    Dilations leave no trace in the shapes: the release uses 1 in every block, so a model must be built with
    ``dilations=(1,) * 10`` to give the released scores; this cannot be checked here.

    Args:
        released (Mapping[str, Tensor]): Weights by their released names, without prefixes.
        backbone (UNIK): The backbone that they must fit.
        num_classes (int, optional): Classes of the head; None drops the classifier. Defaults to None.

    Returns:
        dict[str, Tensor]: ``backbone.*`` and, with ``num_classes``, ``cls_head.fc.*``.

    Raises:
        WeightsMismatchError: With every missing, unexpected and misshapen key.
    """
    check_released_weights(released, backbone, num_classes)
    state = {}
    for key, value in _take_norm(released, 'data_bn', 'backbone.data_bn').items():
        if value.dim():
            value = resize_persons(value, backbone.num_person, backbone.num_joints * backbone.in_channels)
        state[key] = value
    for k, block in enumerate(backbone.blocks):
        state |= _convert_block(released, f'l{k + 1}', f'backbone.blocks.{k}', block.spatial.num_heads)
    if num_classes is not None:
        state |= {f'cls_head.fc.{entry}': released[f'fc.{entry}'] for entry in ('weight', 'bias')}
    return {key: value.clone() for key, value in state.items()}
