"""How much the frozen features of a video encoder know of time (thesis, Fig. 5.3).

    python tools/analysis/evaluate_time_awareness.py configs/ltn/r3d_rendered_rgb.py LTN.pth
    python tools/analysis/evaluate_time_awareness.py configs/ltn/r3d_rendered_rgb.py LTN.pth MOCO.pth none \
        --names LTN MoCo random --out time.png

CONFIG is that of a recognizer of videos; a CHECKPOINT is a pre-training, an extracted backbone or 'none' for
a random encoder. Every video is cut into 20 segments. Prints, for each checkpoint, how well a ridge
regression on the segments of training videos finds when the segments of test videos start (R²), and the share
of pairs of segments of a test video that it puts in their right order. Draws the segments of two test videos
of different classes in a plane (t-SNE), numbered in their order.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mmactrep.arguments import (
    COUNT,
    SEED,
    add_config_options,
    add_overlay_argument,
    plain_errors,
    whole_number,
)
from mmactrep.errors import InferenceError


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help='config of a recognizer of videos')
    parser.add_argument('checkpoints', nargs='+', metavar='CHECKPOINT', help="checkpoints, or 'none'")
    parser.add_argument('--names', nargs='+', help='what they are called (default: their files)')
    parser.add_argument('--out', type=Path, default=Path('work_dirs/time_awareness.png'), help='%(default)s')
    parser.add_argument(
        '--segments', type=whole_number(2, 200), default=20, help='of each video (%(default)s)'
    )
    parser.add_argument('--videos', type=COUNT, default=200, help='most videos of a split (%(default)s)')
    parser.add_argument('--show', nargs='+', metavar='VIDEO', help='names of test videos to draw')
    parser.add_argument('--classes', nargs=2, metavar='NAME', help='draw one video of each of these classes')
    parser.add_argument(
        '--seed', type=SEED, default=0, help='of draws, t-SNE, a random encoder (%(default)s)'
    )
    parser.add_argument('--device', default='cpu', help='cpu, cuda:0, ... (%(default)s)')
    add_overlay_argument(parser)
    add_config_options(parser)
    args = parser.parse_intermixed_args(argv)
    if args.names and len(args.names) != len(args.checkpoints):
        parser.error(f'{len(args.checkpoints)} checkpoints need as many names, found {len(args.names)}')
    return args


def videos_to_show(found, shown: list[str] | None, classes: list[str] | None) -> list[int]:
    """Numbers of the test videos to draw: the named ones, or one of each of two classes.

    Args:
        found: Segments of the test videos.
        shown: Names of videos.
        classes: Two classes. Default: the first two that the videos have.

    Raises:
        InferenceError: If there is no such video or class.
    """
    import numpy as np

    if shown:
        absent = [name for name in shown if name not in found.names]
        if absent:
            raise InferenceError(f"--show: no test video '{absent[0]}', for example '{found.names[0]}'")
        return [found.names.index(name) for name in shown]
    known = [found.classes[label] if found.classes else str(label) for label in found.labels.tolist()]
    wanted = classes or [*dict.fromkeys(known)][:2]
    absent = [name for name in wanted if name not in known]
    if absent:
        raise InferenceError(f"--classes: no test video of '{absent[0]}'; there are {sorted(set(known))}")
    return [int(np.flatnonzero(np.array(known) == name)[0]) for name in wanted]


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    args = parse_args(argv)

    import numpy as np
    from mmengine.logging import MMLogger
    from mmengine.registry import init_default_scope

    from mmactrep.apis.frozen_features import load_encoder
    from mmactrep.apis.segment_features import segment_features
    from mmactrep.engine.composed_config import compose_config
    from mmactrep.evaluation.functional import time_awareness
    from mmactrep.visualization import draw_time_order, embed_features

    # initializing a model logs every parameter
    MMLogger.get_current_instance().setLevel('WARNING')
    cfg = compose_config(args.config, args.overlays, args.cfg_options)
    init_default_scope(cfg.get('default_scope', 'mmactrep'))
    names = args.names or [Path(path).stem for path in args.checkpoints]
    if len(set(names)) < len(names):
        names = [f'{name} {number}' for number, name in enumerate(names, 1)]
    panels, notes, videos = {}, {}, []
    for name, checkpoint in zip(names, args.checkpoints):
        encoder = load_encoder(cfg, checkpoint, args.seed, args.device)
        train, test = (
            segment_features(cfg, encoder, split, args.segments, args.videos, args.seed)
            for split in ('train', 'test')
        )
        result = time_awareness(
            train.features, train.times[:, 0], train.videos, test.features, test.times[:, 0], test.videos
        )
        print(f'{name}: {len(train.names)} videos to train on, {len(test.names)} to test')
        print(f'{name} R2 of the start time: {result.r2:.4f}')
        print(f'{name} pairs in order: {result.ordered:.4f}')
        rows = [test.videos == number for number in videos_to_show(test, args.show, args.classes)]
        videos = [test.names[test.videos[np.flatnonzero(own)[0]]] for own in rows]
        points = embed_features(np.concatenate([test.features[own] for own in rows]), args.seed)
        panels[name] = np.split(points, len(rows))
        notes[name] = f'R² {result.r2:.2f}, pairs in order {result.ordered:.0%}'
    draw_time_order(panels, videos, args.out, notes)
    print(f'picture: {args.out}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
