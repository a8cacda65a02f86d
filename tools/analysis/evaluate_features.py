"""How well the frozen features of an encoder tell the classes of a data set apart.

    python tools/analysis/evaluate_features.py configs/unik/unik_penn_2d_small.py CHECKPOINT
    python tools/analysis/evaluate_features.py configs/unik/unik_penn_2d_small.py none --labels 1.0 0.1 0.05
    python tools/analysis/evaluate_features.py configs/ltn/r3d_utd-mhad_rgb.py CHECKPOINT \\
        --pairs 'sit to stand:stand to sit' 'swipe left:swipe right'

CONFIG is that of a recognizer of skeletons or videos; CHECKPOINT a pre-training, an extracted backbone or
ViA's autoencoder, or 'none' for a random encoder. Prints the accuracy on the test split of the nearest
neighbors, as KNNHook does during pre-training, and of a linear classifier: a logistic regression on
standardized features, whose regularization is chosen by cross-validation on the training split. Nothing is
chosen on the test split.

With --pairs it also prints how often the linear classifier prefers the right one of two classes, for each
pair and for the mean of the pairs, and its accuracy on the clips of all other classes.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mmactrep.arguments import (
    BATCH,
    COUNT,
    SEED,
    add_config_options,
    add_overlay_argument,
    number,
    plain_errors,
)

if TYPE_CHECKING:
    import numpy as np

    from mmactrep.apis.frozen_features import Features

REGULARIZATION = 'regularization C'


def share_name(share: float) -> str:
    """A share of the labels in the names of figures: nothing for all, '5%' for 0.05."""
    return '' if share == 1 else f' {100 * share:g}%'


def pair_name(pair: tuple[int, int], classes: Sequence[str]) -> str:
    """Two classes in the names of figures, without signs that a figure's name cannot have."""
    return '/'.join(re.sub(r'[^\w@.% -]', '', classes[each]) for each in pair)


def measure(
    train: Features, test: Features, kept: np.ndarray, pairs: Sequence[tuple[int, int]], neighbors: int
) -> dict[str, float]:
    """Figures of features by name.

    Args:
        train: Features with labels.
        test: Features to classify.
        kept: Mask of the training features that are used.
        pairs: Classes to tell apart.
        neighbors: Number of nearest neighbors.
    """
    import numpy as np

    from mmactrep.engine.hooks.knn_hook import nearest_neighbor_accuracy
    from mmactrep.evaluation import functional

    data = (train.features[kept], train.labels[kept], test.features, test.labels)
    probe = functional.linear_probe(*data, groups=train.clips[kept])
    figures = {
        'nearest neighbors': nearest_neighbor_accuracy(*data, k=neighbors),
        'linear': probe.accuracy,
        'linear mean of classes': functional.mean_class_accuracy(probe.scores, test.labels),
    }
    if pairs:
        within = [functional.pair_accuracy(probe.scores, test.labels, pair) for pair in pairs]
        figures |= dict(zip((pair_name(pair, test.classes) for pair in pairs), within))
        figures['within pairs'] = float(np.mean(within))
        others = ~np.isin(test.labels, pairs)
        if others.any():
            figures['outside pairs'] = functional.top_k_accuracy(probe.scores[others], test.labels[others])
    return figures | {REGULARIZATION: probe.regularization}


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help='config of a recognizer')
    parser.add_argument('checkpoint', help="checkpoint with an encoder, or 'none'")
    add_overlay_argument(parser)
    parser.add_argument(
        '--labels',
        nargs='+',
        type=number(0, 1, above=True),
        default=[1.0],
        metavar='SHARE',
        help='shares of the training labels, drawn as labelled_fraction does (default: all)',
    )
    parser.add_argument('--label-seeds', nargs='+', type=SEED, default=[0], help='draws to average over')
    parser.add_argument(
        '--pairs', nargs='+', default=[], metavar='A:B', help='classes to tell apart, in pairs'
    )
    parser.add_argument('--neighbors', type=COUNT, default=5, help='nearest neighbors (%(default)s)')
    parser.add_argument('--seed', type=SEED, default=0, help='of a random encoder (%(default)s)')
    parser.add_argument('--batch-size', type=BATCH, help='clips at once (default: as in the test)')
    parser.add_argument('--device', default='cpu', help='cpu, cuda:0, ... (%(default)s)')
    add_config_options(parser)
    args = parser.parse_args(argv)

    import numpy as np
    from mmengine.logging import MMLogger
    from mmengine.registry import init_default_scope

    from mmactrep.apis.class_pairs import read_pairs
    from mmactrep.apis.frozen_features import frozen_features, load_encoder
    from mmactrep.datasets.selection import sample_labelled_fraction
    from mmactrep.engine.composed_config import compose_config

    # initializing a model logs every parameter
    MMLogger.get_current_instance().setLevel('WARNING')
    cfg = compose_config(args.config, args.overlays, args.cfg_options)
    init_default_scope(cfg.get('default_scope', 'mmactrep'))
    encoder = load_encoder(cfg, args.checkpoint, args.seed, args.device)
    train, test = frozen_features(cfg, encoder, args.checkpoint, args.batch_size)
    print(f'{len(train.labels)} clips to train on, {len(test.labels)} to test')
    pairs = read_pairs(args.pairs, test.classes)
    for share in args.labels:
        draws = []
        for seed in args.label_seeds if share < 1 else [0]:
            first = np.unique(train.clips, return_index=True)[1]
            chosen = first[sample_labelled_fraction(train.labels[first], share, seed)]
            kept = np.isin(train.clips, train.clips[chosen])
            draws.append(measure(train, test, kept, pairs, args.neighbors))
        for name in draws[0]:
            values = [draw[name] for draw in draws]
            shown = f'{np.median(values):g}' if name == REGULARIZATION else f'{np.mean(values):.4f}'
            print(f'{name}{share_name(share)}: {shown}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
