"""Make a checkpoint small and public: weights alone, in half precision, with the facts that belong to them.

    python tools/model_converters/publish_model.py work_dirs/x/epoch_30.pth out.pth [--note accuracy='98.5 %']

Optimizer, message hub and random states are left out. Loading casts back to single precision.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch


def publishable(checkpoint: dict, notes: dict[str, str], half: bool = True) -> dict:
    """The part of an MMEngine checkpoint that others need.

    Args:
        checkpoint: With ``state_dict`` and ``meta``.
        notes: Facts kept under ``meta``.
        half: Cast floating-point weights to float16.

    Raises:
        ValueError: If a weight is not finite, or does not fit into half precision.
    """
    weights = {}
    for name, value in checkpoint['state_dict'].items():
        if value.is_floating_point():
            value = value.half() if half else value
            if not torch.isfinite(value).all():
                raise ValueError(f'{name} is not finite{" in half precision" if half else ""}')
        weights[name] = value.contiguous()
    meta = checkpoint.get('meta', {})
    kept = {key: meta[key] for key in ('dataset_meta', 'epoch', 'seed') if key in meta}
    return dict(state_dict=weights, meta=kept | notes)


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('source', type=Path)
    parser.add_argument('target', type=Path)
    parser.add_argument('--note', nargs='*', default=[], metavar='KEY=TEXT', help='facts to keep with it')
    parser.add_argument('--full-precision', action='store_true', help='keep float32')
    args = parser.parse_args(argv)
    try:
        checkpoint = torch.load(args.source, map_location='cpu', weights_only=True)
        notes = dict(note.split('=', 1) for note in args.note)
        published = publishable(checkpoint, notes, not args.full_precision)
    except (OSError, KeyError, ValueError) as error:
        print(f'error: {args.source}: {error}', file=sys.stderr)
        return 1
    args.target.parent.mkdir(parents=True, exist_ok=True)
    torch.save(published, args.target)
    print(f'{args.target}: {args.target.stat().st_size / 1e6:.1f} MB, {published["meta"]}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
