"""How well the frozen features of an encoder tell the classes of a data set apart.

    python tools/analysis/evaluate_features.py configs/unik/unik_penn_2d_small.py CHECKPOINT
    python tools/analysis/evaluate_features.py configs/unik/unik_penn_2d_small.py none --labels 1.0 0.1 0.05

CONFIG is that of a recognizer; CHECKPOINT a pre-training, an extracted backbone or ViA's autoencoder, or
'none' for a random encoder. Prints the accuracy on the test split of the nearest neighbors, as KNNHook does
during pre-training, and of a linear classifier: a logistic regression on standardized features, whose
regularization is chosen by cross-validation on the training split. Nothing is chosen on the test split.
"""

from __future__ import annotations

import argparse
import sys

from mmactrep.arguments import (
    BATCH,
    COUNT,
    SEED,
    add_config_options,
    add_overlay_argument,
    number,
    plain_errors,
)


def share_name(share: float) -> str:
    """A share of the labels in the names of figures: nothing for all, '5%' for 0.05."""
    return '' if share == 1 else f' {100 * share:g}%'


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
    parser.add_argument('--neighbors', type=COUNT, default=5, help='nearest neighbors (%(default)s)')
    parser.add_argument('--seed', type=SEED, default=0, help='of a random encoder (%(default)s)')
    parser.add_argument('--batch-size', type=BATCH, help='clips at once (default: as in the test)')
    parser.add_argument('--device', default='cpu', help='cpu, cuda:0, ... (%(default)s)')
    add_config_options(parser)
    args = parser.parse_args(argv)

    import numpy as np
    from mmengine.logging import MMLogger
    from mmengine.registry import init_default_scope

    from mmactrep.apis.frozen_features import frozen_features, load_encoder
    from mmactrep.datasets.selection import sample_labelled_fraction
    from mmactrep.engine.composed_config import compose_config
    from mmactrep.engine.hooks.knn_hook import nearest_neighbor_accuracy
    from mmactrep.evaluation.functional import linear_probe

    # initializing a model logs every parameter
    MMLogger.get_current_instance().setLevel('WARNING')
    cfg = compose_config(args.config, args.overlays, args.cfg_options)
    init_default_scope(cfg.get('default_scope', 'mmactrep'))
    encoder = load_encoder(cfg, args.checkpoint, args.seed, args.device)
    train, test = frozen_features(cfg, encoder, args.checkpoint, args.batch_size)
    print(f'{len(train.labels)} clips to train on, {len(test.labels)} to test')
    for share in args.labels:
        neighbors, linear, chosen = [], [], []
        for seed in args.label_seeds if share < 1 else [0]:
            first = np.unique(train.clips, return_index=True)[1]
            chosen_clips = first[sample_labelled_fraction(train.labels[first], share, seed)]
            kept = np.isin(train.clips, train.clips[chosen_clips])
            data = (train.features[kept], train.labels[kept], test.features, test.labels)
            neighbors.append(nearest_neighbor_accuracy(*data, k=args.neighbors))
            probe = linear_probe(*data, groups=train.clips[kept])
            linear.append(probe.accuracy)
            chosen.append(probe.regularization)
        print(f'nearest neighbors{share_name(share)}: {np.mean(neighbors):.4f}')
        print(f'linear{share_name(share)}: {np.mean(linear):.4f}')
        print(f'regularization C{share_name(share)}: {np.median(chosen):g}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
