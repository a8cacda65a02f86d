"""Open a page on this machine: show it a video, see skeletons and actions; teach it your own.

    mmactrep serve                                   # 15 sports; http://127.0.0.1:7860
    mmactrep serve --labels 'drinking, waving'       # T-MOR: words to look for, changed on the page
    mmactrep serve --checkpoint work_dirs/teach/mine/MODEL/checkpoint.pth

The page is reached from this machine alone; --host 0.0.0.0 opens it to the network, without a password.
Uploads are limited in size and length, and removed when they have been read.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from mmactrep.apis.model_arguments import add_labels_argument, add_model_arguments
from mmactrep.arguments import number, plain_errors, printable, whole_number


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_model_arguments(parser)
    add_labels_argument(parser)
    parser.add_argument(
        '--experts', nargs='+', default=['mediapipe-trio'], help='pose experts (default: mediapipe-trio)'
    )
    parser.add_argument('--host', default='127.0.0.1', help='address to bind to (%(default)s)')
    parser.add_argument(
        '--port', type=whole_number(0, 65535), default=7860, help='port; 0 for a free one (%(default)s)'
    )
    parser.add_argument(
        '--max-seconds', type=number(1, 86_400), default=60, help='longest video (%(default)s)'
    )
    parser.add_argument(
        '--max-megabytes', type=whole_number(1, 100_000), default=100, help='largest upload (%(default)s)'
    )
    parser.add_argument('--no-teach', action='store_true', help='a page that recognizes only')
    parser.add_argument(
        '--taught',
        type=Path,
        default=Path('work_dirs', 'serve'),
        help='folder of taught models (%(default)s)',
    )
    return parser.parse_args(argv)


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    args = parse_args(argv)

    from mmactrep.apis import SkeletonInferencer
    from mmactrep.apis.serve.page import Page
    from mmactrep.apis.serve.settings import ServeSettings

    settings = ServeSettings(
        args.host,
        args.port,
        args.max_seconds,
        args.max_megabytes,
        teach=not args.no_teach,
        taught=args.taught,
    )

    def open_model(model=args.config, weights=args.checkpoint, labels=None):
        return SkeletonInferencer(
            model, weights, args.device, args.experts, model_layout=args.model_layout, labels=labels
        )

    infer = open_model(labels=args.labels)
    # experts that cannot be used are told before the page opens, not at the first video
    print(f'poses by {", ".join(printable(each.name) for each in infer.estimator.experts)}', flush=True)
    Page(infer, settings, lambda folder: open_model(folder, None)).launch()
    return 0
