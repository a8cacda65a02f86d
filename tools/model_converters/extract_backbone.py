"""Extract the encoder from a pre-training checkpoint.

    python tools/model_converters/extract_backbone.py SRC DST [--from momentum]

SRC is a checkpoint of ``tools/train.py`` on a pre-training config. Besides the encoder it holds heads,
queues, the momentum encoder and the optimizer. ``load_from`` takes it unchanged and ignores them; DST is the
encoder alone (keys ``backbone.*``), which is smaller and causes no warnings, for fine-tuning, linear
evaluation and segmentation.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mmactrep.arguments import plain_errors
from mmactrep.errors import CheckpointError

if TYPE_CHECKING:
    import torch

PREFIXES = dict(encoder='backbone.', momentum='momentum_encoder.module.backbone.')


def extract_backbone(state: dict[str, torch.Tensor], prefix: str = 'backbone.') -> dict[str, torch.Tensor]:
    """Entries under a prefix, named ``backbone.*``.

    Args:
        state: Parameters and buffers of a model by name.
        prefix: Prefix of the encoder's entries.

    Raises:
        ValueError: If there is no such entry.
    """
    found = {
        f'backbone.{name[len(prefix) :]}': value for name, value in state.items() if name.startswith(prefix)
    }
    if not found:
        parts = ', '.join(sorted({name.split('.')[0] for name in state})) or 'none'
        raise ValueError(f"no entry begins with '{prefix}'; there are {parts:.200}")
    return found


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('source', metavar='SRC', help='checkpoint of a pre-training')
    parser.add_argument('target', metavar='DST', help='checkpoint to write')
    parser.add_argument('--from', dest='part', choices=PREFIXES, default='encoder', help='which encoder')
    args = parser.parse_args(argv)

    from mmactrep.engine.checkpoints import read_checkpoint, write_checkpoint
    from mmactrep.engine.trained_on import LAYOUT

    checkpoint = read_checkpoint(args.source)
    try:
        state = extract_backbone(checkpoint['state_dict'], PREFIXES[args.part])
    except ValueError as error:
        raise CheckpointError(f'{args.source}: {error}') from error
    meta = {key: checkpoint['meta'][key] for key in (LAYOUT,) if key in checkpoint['meta']}
    write_checkpoint(dict(meta=meta | dict(source=Path(args.source).name), state_dict=state), args.target)
    print(f'wrote {args.target}: {len(state)} entries')
    return 0


if __name__ == '__main__':
    sys.exit(main())
