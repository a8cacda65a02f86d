"""How well the frozen features of an encoder tell the classes of a data set apart.

    python tools/analysis/evaluate_features.py configs/unik/unik_penn_2d_small.py CHECKPOINT
    python tools/analysis/evaluate_features.py configs/unik/unik_penn_2d_small.py none --labels 1.0 0.1 0.05
    python tools/analysis/evaluate_features.py configs/ltn/r3d_utd-mhad_depth.py CHECKPOINT \\
        --pairs 'sit to stand:stand to sit' 'swipe left:swipe right'
    python tools/analysis/evaluate_features.py configs/ltn/r3d_ut-interaction_rgb.py CHECKPOINT \\
        --leave-out '_[0-9]+_'
    python tools/analysis/evaluate_features.py configs/unik/unik_penn-chained_2d.py CHECKPOINT --labels 0.1

CONFIG is that of a recognizer of skeletons or videos; CHECKPOINT a pre-training, an extracted backbone or
ViA's autoencoder, or 'none' for a random encoder. Prints the accuracy on the test split of the nearest
neighbors, as KNNHook does during pre-training, and of a linear classifier: a logistic regression on
standardized features, whose regularization is chosen by cross-validation on the training split. Nothing is
chosen on the test split.

With --pairs it also prints how often the linear classifier prefers the right one of two classes, for each
pair and for the mean of the pairs, and its accuracy on the clips of all other classes. With --leave-out the
test split alone is used: every group of clips, those whose names match alike, is tested with the others to
train on. With --direction it also prints how often a linear classifier tells whether a clip is played forward
or backward, by features of both; chance is 0.5, and motions that are the same both ways have no answer.

With the config of a segmentor it prints the frame-level mAP of a linear classifier on frame features: a
logistic regression per class, on standardized features of the training frames, at most 100,000 of them drawn
at random, without augmentation. Its regularization is chosen by the frame-level mAP in a cross-validation
over training clips. Scores are interpolated to all test frames and overlapping windows are merged, as in the
test of the config.
"""

from __future__ import annotations

import argparse
import copy
import sys
from collections.abc import Callable
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
    from mmactrep.apis.frozen_features import Features


def share_name(share: float) -> str:
    """A share of the labels in the names of figures: nothing for all, '5%' for 0.05."""
    return '' if share == 1 else f' {100 * share:g}%'


def with_share(features: Features, share: float, seed: int) -> Features:
    """Features of the clips whose labels are in a share, drawn as ``labelled_fraction`` does."""
    import numpy as np

    from mmactrep.datasets.selection import sample_labelled_fraction

    # a clip that several cameras see is one
    first = np.unique(features.clips, return_index=True)[1]
    chosen = first[sample_labelled_fraction(features.labels[first], share, seed)]
    return features.select(np.isin(features.clips, features.clips[chosen]))


def print_shares(args: argparse.Namespace, figures: Callable[[float, int], dict[str, float]]) -> None:
    """Print figures by share of the labels and seed of the draw: the mean over the draws."""
    import numpy as np

    from mmactrep.apis.feature_figures import REGULARIZATION

    for share in args.labels:
        draws = [figures(share, seed) for seed in (args.label_seeds if share < 1 else [0])]
        for name in draws[0]:
            values = [draw[name] for draw in draws]
            shown = f'{np.median(values):g}' if name == REGULARIZATION else f'{np.mean(values):.4f}'
            print(f'{name}{share_name(share)}: {shown}')


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help='config of a recognizer or a segmentor')
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
    parser.add_argument(
        '--leave-out', metavar='REGEX', help="groups of the test split's clips to leave out in turn"
    )
    parser.add_argument(
        '--direction', action='store_true', help='also tell clips from the same played backwards'
    )
    parser.add_argument('--neighbors', type=COUNT, default=5, help='nearest neighbors (%(default)s)')
    parser.add_argument('--seed', type=SEED, default=0, help='of a random encoder (%(default)s)')
    parser.add_argument('--batch-size', type=BATCH, help='clips at once (default: as in the test)')
    parser.add_argument('--device', default='cpu', help='cpu, cuda:0, ... (%(default)s)')
    add_config_options(parser)
    args = parser.parse_args(argv)

    from mmengine.logging import MMLogger
    from mmengine.registry import init_default_scope

    from mmactrep.apis.class_pairs import read_pairs
    from mmactrep.apis.feature_figures import feature_figures, leave_groups_out, played_both_ways
    from mmactrep.apis.frame_figures import FrameEvaluation, frame_figures, is_segmentation
    from mmactrep.apis.frozen_features import frozen_features, load_encoder
    from mmactrep.engine.composed_config import compose_config
    from mmactrep.registry import DATASETS

    # initializing a model logs every parameter
    MMLogger.get_current_instance().setLevel('WARNING')
    cfg = compose_config(args.config, args.overlays, args.cfg_options)
    init_default_scope(cfg.get('default_scope', 'mmactrep'))
    if is_segmentation(cfg):
        if args.pairs or args.leave_out or args.direction:
            parser.error(
                '--pairs, --leave-out and --direction are for recognizers; this is the config of a segmentor'
            )
        encoder = load_encoder(cfg, args.checkpoint, args.seed, args.device, of_frames=True)
        evaluation = FrameEvaluation(cfg, encoder, args.checkpoint, args.batch_size)
        features = evaluation.training_features()
        print(f'{len(features.labels)} frames of {int(features.clips.max()) + 1} clips to train on')
        print_shares(args, lambda share, seed: frame_figures(evaluation, features, share, seed))
        return 0
    pairs = []
    if args.pairs:  # before the features, which take minutes
        classes = DATASETS.build(copy.deepcopy(cfg.test_dataloader.dataset)).metainfo.get('classes')
        pairs = read_pairs(args.pairs, classes or ())
    encoder = load_encoder(cfg, args.checkpoint, args.seed, args.device)
    splits = ['test'] if args.leave_out else ['train', 'test']
    found = frozen_features(cfg, encoder, args.checkpoint, args.batch_size, splits)
    folds = leave_groups_out(*found, args.leave_out) if args.leave_out else [found]
    if args.leave_out:
        print(f'{len(found[0].labels)} clips in {len(folds)} groups')
    else:
        print('{} clips to train on, {} to test'.format(*(len(each.labels) for each in found)))

    def figures(share: float, seed: int) -> dict[str, float]:
        chosen = [(with_share(train, share, seed), test) for train, test in folds]
        return feature_figures(chosen, pairs, args.neighbors)

    print_shares(args, figures)
    if args.direction:
        encoder.backwards = True
        backward = frozen_features(cfg, encoder, args.checkpoint, args.batch_size, splits)
        both = [played_both_ways(*each) for each in zip(found, backward)]
        folds = leave_groups_out(*both, args.leave_out) if args.leave_out else [both]
        print(f'direction of time: {feature_figures(folds)["linear"]:.4f}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
