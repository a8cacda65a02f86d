"""Extract the encoder from a pre-training checkpoint.

    python tools/model_converters/extract_backbone.py SRC DST [--from momentum]

SRC is a checkpoint of ``tools/train.py`` on a pre-training config, or of ViA's autoencoder. Besides the
encoder it holds heads, queues, the momentum encoder and the optimizer. ``load_from`` takes that of a
pre-training unchanged and ignores them; DST is the encoder alone (keys ``backbone.*``), which is smaller and
causes no warnings, for fine-tuning, linear evaluation and segmentation.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mmactrep.arguments import plain_errors
from mmactrep.errors import CheckpointError

PARTS = ('encoder', 'momentum')


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('source', metavar='SRC', help='checkpoint of a pre-training')
    parser.add_argument('target', metavar='DST', help='checkpoint to write')
    parser.add_argument('--from', dest='part', choices=PARTS, default='encoder', help='which encoder')
    args = parser.parse_args(argv)

    from mmactrep.engine.checkpoints import (
        ENCODER_PREFIXES,
        encoder_weights,
        read_checkpoint,
        write_checkpoint,
    )
    from mmactrep.engine.trained_on import LAYOUT

    checkpoint = read_checkpoint(args.source)
    try:
        prefixes = ENCODER_PREFIXES if args.part == 'encoder' else ['momentum_encoder.module.backbone.']
        found = encoder_weights(checkpoint['state_dict'], prefixes)
    except ValueError as error:
        raise CheckpointError(f'{args.source}: {error}') from error
    meta = {key: checkpoint['meta'][key] for key in (LAYOUT,) if key in checkpoint['meta']}
    state = {f'backbone.{name}': value for name, value in found.items()}
    write_checkpoint(dict(meta=meta | dict(source=Path(args.source).name), state_dict=state), args.target)
    print(f'wrote {args.target}: {len(state)} entries')
    return 0


if __name__ == '__main__':
    sys.exit(main())
