"""Make a checkpoint small and publishable: weights alone, in half precision, with what is needed to use them.

    python tools/model_converters/publish_model.py work_dirs/x/epoch_30.pth out.pth [--note accuracy='98.5 %']

Optimizer, message hub, random states and the paths of this machine are dropped; the layout, the classes and
the config that inference needs are kept. Loading casts back to single precision.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mmactrep.arguments import plain_errors
from mmactrep.engine.trained_on import INFERENCE, LAYOUT
from mmactrep.errors import CheckpointError

#: What is kept of a checkpoint's ``meta``: what it was trained on, and the config that inference needs.
KEPT = ('dataset_meta', 'epoch', 'seed', LAYOUT, INFERENCE)


def publishable(checkpoint: dict, notes: dict[str, str], half: bool = True) -> dict:
    """The part of an MMEngine checkpoint that others need.

    Args:
        checkpoint: With ``state_dict`` and ``meta``.
        notes: Facts kept under ``meta``.
        half: Cast floating-point weights to float16.

    Raises:
        ValueError: If a weight is not finite, or does not fit into half precision.
    """
    import torch

    weights = {}
    for name, value in checkpoint['state_dict'].items():
        if value.is_floating_point():
            value = value.half() if half else value
            if not torch.isfinite(value).all():
                raise ValueError(f'{name} is not finite{" in half precision" if half else ""}')
        weights[name] = value.contiguous()
    meta = checkpoint.get('meta', {})
    kept = {key: meta[key] for key in KEPT if key in meta}
    return dict(state_dict=weights, meta=kept | notes)


def note(text: str) -> tuple[str, str]:
    """Argument type of ``--note``: a key and its text."""
    key, separator, said = text.partition('=')
    if not separator or not key.isidentifier() or key in KEPT:
        raise argparse.ArgumentTypeError(f'expected KEY=TEXT with a key other than {", ".join(KEPT)}')
    return key, said


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('source', type=Path)
    parser.add_argument('target', type=Path)
    parser.add_argument(
        '--note', nargs='*', default=[], type=note, metavar='KEY=TEXT', help='facts to keep with it'
    )
    parser.add_argument('--full-precision', action='store_true', help='keep float32')
    args = parser.parse_args(argv)

    from mmactrep.engine.checkpoints import read_checkpoint, write_checkpoint

    checkpoint = read_checkpoint(args.source)
    try:
        published = publishable(checkpoint, dict(args.note), not args.full_precision)
    except ValueError as error:
        raise CheckpointError(f'{args.source}: {error}') from error
    write_checkpoint(published, args.target)
    said = {key: value for key, value in published['meta'].items() if key not in (LAYOUT, INFERENCE)}
    print(f'{args.target}: {args.target.stat().st_size / 1e6:.1f} MB, {said}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
