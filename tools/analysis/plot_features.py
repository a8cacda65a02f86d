"""t-SNE of what an encoder or a motion generator has learned, by class and by view (thesis, Fig. 4.7).

    python tools/analysis/plot_features.py                                     # codes of LAC's 2D generator
    python tools/analysis/plot_features.py work_dirs/via/epoch_30.pth --out via.png
    python tools/analysis/plot_features.py configs/unik/unik_penn_2d_small.py CHECKPOINT
    python tools/analysis/plot_features.py configs/unik/unik_nw-ucla-xview_2d.py CHECKPOINT --by view

With the checkpoint of a generator (LAC's or ViA's; older ones behind their config): its motion and static
codes of procedural motions, each performed by several characters that no training has seen, from seven views.
With the config of a recognizer and a checkpoint with an encoder, or 'none' for a random one: features of the
config's test split. A clip's subject, camera, view or character is read from its id, where it has one.

The figures in the picture are printed, too: how often the nearest neighbor, in all dimensions of the
features, has the same class or view, and how often one drawn at random. A plane may mislead.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mmactrep.apis.model_arguments import add_generator_arguments, split_generator
from mmactrep.arguments import (
    COUNT,
    SEED,
    add_config_options,
    add_overlay_argument,
    plain_errors,
    whole_number,
)
from mmactrep.errors import InferenceError

if TYPE_CHECKING:
    from mmengine.config import Config

    from mmactrep.models.generators import BaseMotionAutoencoder

MOTIONS = (
    'clap', 'hop', 'jumping_jack', 'kick', 'punch', 'reach_up', 'squat', 'throw', 'walk', 'wave',
)  # fmt: skip
_FIRST_CHARACTER = 1000  # training splits of libraries have characters below
_FIRST_PERFORMANCE = 10  # and other performances


class Samples(NamedTuple):
    """What is drawn.

    Attributes:
        rows: Kind of feature to features (n, C').
        attributes: Name of the attribute to its n values; the first is the class or motion.
    """

    rows: dict[str, np.ndarray]
    attributes: dict[str, list[str]]


def codes_of_motions(
    generator: BaseMotionAutoencoder, motions: list[str], performances: int, by: str
) -> Samples:
    """Codes of procedural motions by motion, and by view or character.

    Args:
        generator: A trained generator.
        motions: Names of procedural motions.
        performances: Performances of each motion, by as many characters.
        by: 'view' or 'character'.

    Raises:
        InferenceError: If there is no such motion or attribute.
    """
    from mmactrep.apis.motion_inputs import PROCEDURAL, read_motion
    from mmactrep.models.generators import sequence_codes
    from mmactrep.motion.views import SEVEN_VIEWS

    if by not in ('view', 'character'):
        raise InferenceError(f'--by: codes of generated motions are colored by view or character, not {by}')
    keypoints, values = [], []
    for motion in motions:
        for number in range(performances):
            source = f'{PROCEDURAL}::{motion}::{_FIRST_PERFORMANCE + number}'
            character = _FIRST_CHARACTER + number
            for view in SEVEN_VIEWS:
                keypoints.append(
                    read_motion(source, generator.layout, generator.in_channels, view, character).keypoint
                )
                values.append((motion, f'{view:.0f}°' if by == 'view' else str(character)))
    motion, static = sequence_codes(generator, keypoints)
    first, second = zip(*values)
    return Samples({'motion codes': motion, 'static codes': static}, {'motion': [*first], by: [*second]})


def features_of_clips(cfg: Config, args: argparse.Namespace, checkpoint: str) -> Samples:
    """Features of a split of a recognizer's config, by class and by what the ids of the clips say.

    Raises:
        InferenceError: If no clip has the attribute, or there is no such class.
    """
    from mmengine.logging import MMLogger
    from mmengine.registry import init_default_scope

    from mmactrep.apis.frozen_features import frozen_features, load_encoder
    from mmactrep.datasets.converters.protocols import clip_attributes

    # initializing a model logs every parameter
    MMLogger.get_current_instance().setLevel('WARNING')
    init_default_scope(cfg.get('default_scope', 'mmactrep'))
    encoder = load_encoder(cfg, checkpoint, args.seed, args.device)
    (found,) = frozen_features(cfg, encoder, checkpoint, splits=[args.split])
    classes = [found.classes[label] if found.classes else str(label) for label in found.labels.tolist()]
    attributes = {'class': np.array(classes)}
    said = [clip_attributes(name) for name in found.names]
    known = sorted(set.intersection(*(set(each) for each in said))) if said else []
    by = args.by or next((name for name in ('view', 'camera', 'character', 'subject') if name in known), None)
    if by is not None:
        if by not in known:
            raise InferenceError(
                f'--by: the ids of these clips do not say the {by}; they say {known or "nothing"}'
            )
        attributes[by] = np.array([each[by] for each in said])
    rows = chosen_rows(attributes['class'], args.classes, args.clips, args.seed)
    return Samples(
        {'features': found.features[rows]},
        {name: values[rows].tolist() for name, values in attributes.items()},
    )


def chosen_rows(classes: np.ndarray, wanted: list[str] | None, most: int, seed: int) -> np.ndarray:
    """Rows of the wanted classes, or of the most frequent ones, at most ``most``, drawn at random.

    Raises:
        InferenceError: If a class is not there.
    """
    from mmactrep.visualization.feature_plot import most_frequent

    unknown = sorted(set(wanted or ()) - set(classes.tolist()))
    if unknown:
        raise InferenceError(
            f'--classes: no clip of {", ".join(unknown)}; there are {", ".join(sorted(set(classes)))}'
        )
    rows = np.flatnonzero(np.isin(classes, wanted or most_frequent(classes.tolist())))
    return np.sort(np.random.default_rng(seed).permutation(rows)[:most])


def samples_of(args: argparse.Namespace) -> tuple[Samples, str]:
    """What the arguments name, and the name of its checkpoint."""
    from mmactrep.apis.motion_inputs import DEFAULT_GENERATOR, load_named_generator
    from mmactrep.engine.composed_config import compose_config

    words = [*args.words]
    if words and words[0].endswith('.py'):
        if len(words) != 2:
            raise InferenceError(f'expected [[CONFIG] CHECKPOINT], found {" ".join(words)}')
        cfg = compose_config(words[0], args.overlays, args.cfg_options)
        if 'generator' not in (cfg.get('model') or {}):
            return features_of_clips(cfg, args, words[1]), Path(words[1]).name
    generator, _ = load_named_generator(words, device=args.device)
    name = Path(split_generator(words)[1] or DEFAULT_GENERATOR).name
    motions = args.classes or list(MOTIONS)
    return codes_of_motions(generator, motions, args.performances, args.by or 'view'), name


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_generator_arguments(parser, help='Encoder: the config of a recognizer and a checkpoint')
    parser.add_argument('--out', type=Path, default=Path('work_dirs/features.png'), help='%(default)s')
    parser.add_argument(
        '--split', choices=('train', 'test'), default='test', help='of the config (%(default)s)'
    )
    parser.add_argument(
        '--classes', nargs='+', metavar='NAME', help='classes or motions (default: the ten most frequent)'
    )
    parser.add_argument('--by', help='second attribute: view, camera, subject, character, ...')
    parser.add_argument('--clips', type=COUNT, default=2000, help='most clips (%(default)s)')
    parser.add_argument(
        '--performances',
        type=whole_number(1, 100),
        default=8,
        help='performances of each procedural motion (%(default)s)',
    )
    parser.add_argument('--seed', type=SEED, default=0, help='of t-SNE and draws (%(default)s)')
    add_overlay_argument(parser)
    add_config_options(parser)
    args = parser.parse_intermixed_args(argv)

    from mmactrep.evaluation.functional import neighbor_agreement
    from mmactrep.visualization import draw_features, embed_features

    (rows, attributes), name = samples_of(args)
    notes = {}
    for kind, features in rows.items():
        for attribute, values in attributes.items():
            agreed, chance = neighbor_agreement(features, values)
            notes[kind, attribute] = f'nearest neighbor {agreed:.1%}, chance {chance:.1%}'
            print(f'{kind} by {attribute}: {agreed:.4f}')
            print(f'{kind} by {attribute} at random: {chance:.4f}')
    points = {kind: embed_features(features, args.seed) for kind, features in rows.items()}
    count = len(next(iter(rows.values())))
    draw_features(points, attributes, args.out, notes, f'{name}, {count} sequences, t-SNE')
    print(f'picture: {args.out}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
