#!/usr/bin/env python
"""Make procedural clips with sentences about them, for T-MOR.

    python tools/data/make_captioned_motions.py
    python tools/extract_features.py text data/captioned/2d --captions data/captioned/captions.json --teacher minilm

Writes a skeleton store and captions.json beside it: clip id to sentences, as "a person waves slowly with the
left hand while walking". Its splits are train and test, with other performers, and those without the
sequences of several actions, train_actions and test_actions. A killed run resumes where it stopped.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from tqdm import tqdm

from mmactrep.arguments import SEED, plain_errors, whole_number
from mmactrep.datasets.standins.captioned import CaptionedSettings, write_captioned


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    default = CaptionedSettings()
    clips = whole_number(1, 10**6)
    root = Path(os.environ.get('MMACTREP_DATA_ROOT', 'data'), 'captioned', '2d')
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--out', type=Path, default=root, help='folder of the store (%(default)s)')
    for split in ('train', 'test'):
        parser.add_argument(
            f'--{split}', type=clips, default=getattr(default, split), metavar='N',
            help=f'{split} clips of one action (%(default)s)',
        )  # fmt: skip
        parser.add_argument(
            f'--{split}-sequences', type=whole_number(0, 10**6), metavar='N',
            default=getattr(default, f'{split}_sequences'),
            help=f'{split} clips of several actions one after the other (%(default)s)',
        )  # fmt: skip
    parser.add_argument(
        '--sentences', type=whole_number(1, 20), default=default.sentences, metavar='N',
        help='sentences about each clip (%(default)s)',
    )  # fmt: skip
    parser.add_argument('--seed', type=SEED, default=default.seed, metavar='S', help='seed (%(default)s)')
    parser.add_argument('--overwrite', action='store_true', help='replace a finished store')
    parser.add_argument('--quiet', action='store_true', help='no progress bar')
    args = parser.parse_args(argv)
    settings = CaptionedSettings(
        train=args.train,
        test=args.test,
        train_sequences=args.train_sequences,
        test_sequences=args.test_sequences,
        sentences=args.sentences,
        seed=args.seed,
    )
    with tqdm(unit='clip', disable=args.quiet) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        captions = write_captioned(args.out, settings, args.overwrite, progress)
    total = args.train + args.test + args.train_sequences + args.test_sequences
    print(f'{args.out}: {total} clips; sentences: {captions}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
