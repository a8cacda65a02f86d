#!/usr/bin/env python
"""Extract the features of texts or videos by a frozen teacher, once, into a feature store.

Texts of the clips of a skeleton store: descriptions of their classes (a file, or the name of a shipped list;
without either, the names of the classes), or captions of their own, a JSON file of {clip id: sentence or
[sentences]}:

    python tools/extract_features.py text data/penn_action/2d --teacher minilm --texts penn_action
    python tools/extract_features.py text data/mine/2d --teacher minilm --captions captions.json

Features are written to STORE_features/TEACHER_KIND, as data/mine/2d_features/minilm_text, if --out does not
say otherwise. Clips without a text have no entry.

To resume an extraction that was killed, give the same command again. To share the work among processes and
machines, use torchrun, a Slurm array, or --shard 0/8; then

    python tools/data/merge_stores.py --out data/mine/2d_features/minilm_text
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mmactrep.arguments import BATCH, plain_errors
from mmactrep.store.feature_format import default_feature_root
from mmactrep.store.shards import find_shard

if TYPE_CHECKING:
    from mmactrep.apis.feature_extraction.writing import FeatureReport

SKIPPED_STATUS = 3


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Arguments of the command."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument('--teacher', required=True, help='name of the teacher')
    common.add_argument(
        '--out', type=Path, help='folder of the feature store (default: STORE_features/TEACHER_KIND)'
    )
    common.add_argument('--device', default='cpu', help='cpu, cuda or cuda:0 (default: cpu)')
    common.add_argument('--shard', metavar='I/N', help='the part of the clips to process, I from 0')
    common.add_argument('--overwrite', action='store_true', help='replace a finished feature store')
    common.add_argument('--quiet', action='store_true', help='no progress bar')
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    kinds = parser.add_subparsers(dest='kind', required=True, metavar='text|video')
    text = kinds.add_parser('text', parents=[common], help='what is said of the clips of a store')
    text.add_argument('store', type=Path, help='folder of the skeleton store')
    said = text.add_mutually_exclusive_group()
    said.add_argument(
        '--texts', help='descriptions of the classes: a text file, or the name of a shipped list'
    )
    said.add_argument('--captions', type=Path, help='JSON file of captions of the clips')
    text.add_argument(
        '--templates', nargs='+', default=['plain'], metavar='TEMPLATE',
        help='a list of templates by name, or templates with {} for the words (default: the words alone)',
    )  # fmt: skip
    text.add_argument('--batch-size', type=BATCH, default=256, help='sentences per batch (%(default)s)')
    return parser.parse_args(argv)


def extract_text(args: argparse.Namespace) -> FeatureReport:
    """Features of the texts of a store's clips."""
    from mmactrep.apis.feature_extraction.sentences import Captions, ClassSentences
    from mmactrep.apis.feature_extraction.texts import extract_text_features
    from mmactrep.models.teachers import build_text_teacher
    from mmactrep.store.reader import SkeletonStore

    store = SkeletonStore(args.store)
    templates = args.templates[0] if len(args.templates) == 1 else args.templates
    if args.captions is None:
        sentences = ClassSentences(store, args.texts, templates)
    else:
        sentences = Captions(store, args.captions, templates)
        if sentences.unknown:
            print(f'{args.captions}: {sentences.unknown} captions are of clips that {args.store} has not')
    shard = find_shard(args.shard)
    teacher = build_text_teacher(args.teacher, device=args.device)
    return extract_text_features(
        store,
        sentences,
        teacher,
        args.out or default_feature_root(args.store, teacher.name, 'text'),
        shard=shard,
        attributes=dict(source=store.attributes.get('source', '')),
        batch_size=args.batch_size,
        overwrite=args.overwrite,
        progress=not args.quiet,
    )


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status: 0, 1 after an error, 3 if videos were skipped."""
    args = parse_args(argv)
    try:
        report = extract_text(args)
    except FileExistsError as error:
        print(f'error: {error}; --overwrite replaces it', file=sys.stderr)
        return 1
    for line in report.lines():
        print(line)
    return SKIPPED_STATUS if report.skipped and 'TORCHELASTIC_RUN_ID' not in os.environ else 0


if __name__ == '__main__':
    sys.exit(main())
