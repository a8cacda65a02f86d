"""Convert officially released UNIK weights (``weights-posetics.pt``) to a checkpoint of this package.

    python tools/model_converters/convert_unik_weights.py SRC DST --config CONFIG [--drop-head]
    python tools/model_converters/convert_unik_weights.py SRC DST --config CONFIG --write-config FITTING.py

DST is what ``tools/test.py CONFIG DST`` and ``load_from`` take. Heads, windows, widths, joints, persons and
classes are read from the file. If they differ from those of the config's model the weights are refused, with
the settings that differ, unless ``--write-config`` writes a config that inherits CONFIG and fits. Two things
may always differ:

* the classes, with ``--drop-head``: the classifier is dropped and fine-tuning starts a new one;
* the persons: the input batch norm keeps the first persons' values, further persons repeat them in order.

The release has dilation 1 in every block, the thesis and our configs 1, 3, 3, 3, 3, 1, ... A dilation leaves
no trace in the weights, so it cannot be checked: for the released scores train and test with the option that
this command prints. A config that it writes has them.
"""

from __future__ import annotations

import argparse
import inspect
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mmactrep.arguments import add_config_options, plain_errors

if TYPE_CHECKING:
    from mmengine.config import Config

    from mmactrep.models import UNIK

# These depend on the data of a config; changing the model cannot make them fit.
_OF_THE_DATA = ('in_channels', 'num_joints')


def dilation_option(backbone: UNIK) -> str:
    """The ``--cfg-options`` entry that gives a config the dilations of the release."""
    return f'model.backbone.dilations="({",".join("1" for _ in backbone.blocks)})"'


def convert(source: str | Path, target: str | Path, cfg: Config, drop_head: bool = False) -> UNIK:
    """Convert a file of released weights for a config and write the checkpoint.

    Returns:
        UNIK: The config's backbone.

    Raises:
        WeightsMismatchError: When the weights do not fit the config's model.
    """
    from mmactrep.engine.checkpoints import write_checkpoint
    from mmactrep.models.released_weights import (
        WeightsMismatchError,
        convert_released_weights,
        read_released_weights,
    )

    model = _build(cfg)
    num_classes = None if drop_head else model.cls_head.num_classes
    try:
        state = convert_released_weights(read_released_weights(source), model.backbone, num_classes)
    except WeightsMismatchError as error:
        hint = '' if drop_head or ' fc.' not in str(error) else '\n--drop-head leaves the classifier (fc) out'
        if 'another UNIK' in str(error):
            hint = '. --write-config writes a config that fits'
        raise WeightsMismatchError(f'{source}: {error}{hint}') from None
    model.load_state_dict(state, strict=not drop_head)
    write_checkpoint(dict(meta=dict(source=Path(source).name), state_dict=state), target)
    return model.backbone


def _build(cfg: Config):
    from mmengine.registry import init_default_scope

    from mmactrep.engine.runner import building
    from mmactrep.models import UNIK
    from mmactrep.models.released_weights import WeightsMismatchError
    from mmactrep.registry import MODELS

    init_default_scope(cfg.get('default_scope', 'mmactrep'))
    with building(f'{cfg.filename}: model'):
        model = MODELS.build(cfg.get('model') or {})
    if not isinstance(getattr(model, 'backbone', None), UNIK):
        name = type(getattr(model, 'backbone', model)).__name__
        raise WeightsMismatchError(f"the config's backbone is {name}, the weights are those of a UNIK")
    return model


def fitting_config(source: str | Path, config: str | Path, target: str | Path) -> str:
    """A config that inherits another one and has the network of a file of released weights.

    Args:
        source: Released weights.
        config: The config to inherit, of data with the same joints and channels.
        target: Path of the new config.

    Returns:
        Its text.

    Raises:
        WeightsMismatchError: If they are not weights of a UNIK, or of one for other data.
    """
    from mmactrep.engine.composed_config import compose_config
    from mmactrep.models import UNIK
    from mmactrep.models.released_architecture import read_architecture
    from mmactrep.models.released_weights import WeightsMismatchError, read_released_weights

    defaults = inspect.signature(UNIK).parameters
    try:
        found = read_architecture(read_released_weights(source))
    except ValueError as error:
        raise WeightsMismatchError(f'{source} holds no released UNIK weights: {error}') from error
    cfg = compose_config(config, clip_length=False)
    own = cfg.get('model', {}).get('backbone', {})
    for key in _OF_THE_DATA:
        expected = own.get(key, defaults[key].default)
        if found[key] != expected:
            raise WeightsMismatchError(
                f'{source} has {key}={found[key]}, {config} {expected}: choose a config of such data'
            )
    classes = found.pop('num_classes')
    if len(own.get('strides', defaults['strides'].default)) == len(found['strides']):
        found.pop('strides')  # a stride where the width changes leaves no trace: the config's own are kept
    base = os.path.relpath(Path(config).resolve(), Path(target).resolve().parent)
    settings = ''.join(f'        {key}={value!r},\n' for key, value in found.items())
    head = f'    cls_head=dict(num_classes={classes}),\n' if classes else ''
    lines = [
        f'"""The network of {Path(source).name}, read from the shapes of its weights."""\n',
        f'_base_ = {base!r}\n',
        f'model = dict(\n    backbone=dict(\n{settings}    ),\n{head})',
    ]
    if 'num_person' in cfg:  # holds for model and pipelines
        lines.append(f'num_person = {found["num_person"]}')
        return '\n'.join(lines) + '\n'
    for loader in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        pipeline = ((cfg.get(loader) or {}).get('dataset') or {}).get('pipeline') or []
        if isinstance(pipeline, list) and any(
            each.get('num_person', found['num_person']) != found['num_person'] for each in pipeline
        ):
            lines.append(
                f'{loader} = dict(\n    dataset=dict(\n        pipeline=[\n'
                f"            dict(each, num_person={found['num_person']}) if 'num_person' in each else "
                'each\n'
                f'            for each in _base_.{loader}.dataset.pipeline\n        ]\n    )\n)'
            )
    return '\n'.join(lines) + '\n'


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('source', metavar='SRC', help='released weights')
    parser.add_argument('target', metavar='DST', help='checkpoint to write')
    parser.add_argument('--config', required=True, help='config of the model that will load it')
    parser.add_argument('--write-config', metavar='PY', help='write a config that inherits it and fits')
    parser.add_argument('--drop-head', action='store_true', help='drop the classifier')
    add_config_options(parser)
    args = parser.parse_args(argv)

    from mmactrep.engine.composed_config import compose_config

    config = args.config
    if args.write_config:
        text = fitting_config(args.source, config, args.write_config)
        config = args.write_config
        Path(config).parent.mkdir(parents=True, exist_ok=True)
        Path(config).write_text(text)
        print(f'wrote {config}')
    cfg = compose_config(config, options=args.cfg_options, clip_length=False)
    backbone = convert(args.source, args.target, cfg, args.drop_head)
    print(f'wrote {args.target}' + (', without the classifier' if args.drop_head else ''))
    if any(block.temporal.conv.dilation[0] != 1 for block in backbone.blocks):
        print(
            f'{config} has dilations other than 1, the release has none. For the released scores use\n'
            f'  --cfg-options {dilation_option(backbone)}'
        )
    return 0


if __name__ == '__main__':
    sys.exit(main())
