"""Make a checkpoint of ours out of officially released UNIK weights (``weights-posetics.pt``).

    python tools/model_converters/convert_unik_weights.py SRC DST --config CONFIG [--drop-head]

DST is what ``tools/test.py CONFIG DST`` and ``load_from`` take. The weights must fit the config's model:
other joints, channels, heads or widths are refused, with the names of the keys. Two things may differ:

* the classes, with ``--drop-head``: the classifier stays out, fine-tuning starts a new one;
* the persons: the input batch norm keeps the first persons' values, further persons repeat them in order.

The release has dilation 1 in every block, the thesis and our configs 1, 3, 3, 3, 3, 1, ... A dilation leaves
no trace in the weights, so it cannot be checked: for the released scores train and test with the option that
this command prints.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import torch
from mmengine.config import Config, DictAction
from mmengine.registry import init_default_scope

from mmactrep.engine.composed_config import compose_config
from mmactrep.models import UNIK
from mmactrep.models.released_weights import (
    WeightsMismatchError,
    convert_released_weights,
    read_released_weights,
)
from mmactrep.registry import MODELS


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
    init_default_scope(cfg.get('default_scope', 'mmactrep'))
    model = MODELS.build(cfg.model)
    if not isinstance(model.backbone, UNIK):
        name = type(model.backbone).__name__
        raise WeightsMismatchError(f"the config's backbone is {name}, the weights are those of a UNIK")
    num_classes = None if drop_head else model.cls_head.num_classes
    try:
        state = convert_released_weights(read_released_weights(source), model.backbone, num_classes)
    except WeightsMismatchError as error:
        hint = '' if drop_head or ' fc.' not in str(error) else '\n--drop-head leaves the classifier (fc) out'
        raise WeightsMismatchError(f'{source}: {error}{hint}') from None
    model.load_state_dict(state, strict=not drop_head)
    target = Path(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + '.partial')
    torch.save(dict(meta=dict(source=Path(source).name), state_dict=state), partial)
    os.replace(partial, target)
    return model.backbone


def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('source', metavar='SRC', help='released weights')
    parser.add_argument('target', metavar='DST', help='checkpoint to write')
    parser.add_argument('--config', required=True, help='config of the model that shall load it')
    parser.add_argument('--drop-head', action='store_true', help='leave the classifier out')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, default={}, metavar='KEY=VALUE')
    args = parser.parse_args(argv)
    try:
        cfg = compose_config(args.config, options=args.cfg_options)
        backbone = convert(args.source, args.target, cfg, args.drop_head)
    except (WeightsMismatchError, FileNotFoundError, KeyError) as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    print(f'wrote {args.target}' + (', without the classifier' if args.drop_head else ''))
    if any(block.temporal.conv.dilation[0] != 1 for block in backbone.blocks):
        print(
            f'{args.config} has dilations other than 1, the release has none. For the released scores use\n'
            f'  --cfg-options {dilation_option(backbone)}'
        )
    return 0


if __name__ == '__main__':
    sys.exit(main())
