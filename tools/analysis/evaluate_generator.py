"""How well a motion generator handles the skeletons of a store: what it loses in reconstruction.

    python tools/analysis/evaluate_generator.py [[CONFIG] CHECKPOINT] data/penn_action/2d --split train

Without a checkpoint it is LAC's 2D generator in demo/checkpoints; the config is needed beside older ones.
Compositions of clips that the generator cannot even reconstruct say little about those clips. Prints, per
class, the error of the pose as a share of the body's size and the share of the movement that is lost (1 is
what standing still would lose): medians over the first persons of clips drawn at random.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from mmactrep.apis.model_arguments import add_generator_arguments
from mmactrep.arguments import COUNT, SEED, plain_errors
from mmactrep.errors import NoPersonError
from mmactrep.store.format import StoreError
from mmactrep.store.reader import SkeletonStore

if TYPE_CHECKING:
    from mmactrep.models.generators import BaseMotionAutoencoder


def measure(
    generator: BaseMotionAutoencoder, store: SkeletonStore, rows: np.ndarray, frames: int
) -> dict[str, list[tuple[float, float]]]:
    """Shares (:func:`reconstruction_shares`) of the clips in ``rows``, by class name.

    Args:
        generator: A trained generator.
        store: Store of the clips.
        rows: Rows of the store.
        frames: Most frames used per clip, from its first.
    """
    from mmactrep.apis.motion_inputs import motion_of_person
    from mmactrep.apis.pose_inputs import read_store_clip
    from mmactrep.evaluation.functional import reconstruction_shares
    from mmactrep.models.generators import retarget

    found = defaultdict(list)
    for row in rows.tolist():
        try:
            clip = read_store_clip((store, row))
        except NoPersonError:
            continue
        keypoint = motion_of_person(clip, generator.layout, generator.in_channels).keypoint[:frames]
        shares = reconstruction_shares(retarget(generator, keypoint, keypoint), keypoint, generator.layout)
        label = int(store.index['label'][row])
        found[store.classes[label] if label >= 0 else 'unlabelled'].append(shares)
    return found


def table(found: dict[str, list[tuple[float, float]]]) -> str:
    """Medians per class, by descending loss of movement, and over all clips."""
    lines = [f'{"class":24} {"clips":>6} {"pose error":>11} {"movement lost":>14}']
    medians = {name: np.nanmedian(shares, axis=0) for name, shares in found.items()}
    for name in sorted(medians, key=lambda name: -medians[name][1]):
        pose, movement = medians[name]
        lines.append(f'{name:24} {len(found[name]):6d} {pose:11.3f} {movement:14.3f}')
    everything = [each for shares in found.values() for each in shares]
    pose, movement = np.nanmedian(everything, axis=0)
    lines.append(f'{"all":24} {len(everything):6d} {pose:11.3f} {movement:14.3f}')
    return '\n'.join(lines)


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_generator_arguments(parser, then=('STORE',), help='STORE: folder of a skeleton store')
    parser.add_argument('--split', help='split of the store (default: all clips)')
    parser.add_argument('--clips', type=COUNT, default=300, help='most clips (%(default)s)')
    parser.add_argument('--frames', type=COUNT, default=64, help='most frames per clip (%(default)s)')
    parser.add_argument('--seed', type=SEED, default=0, help='seed of the draw (%(default)s)')
    args = parser.parse_intermixed_args(argv)

    from mmactrep.apis.motion_inputs import load_named_generator

    generator, (folder,) = load_named_generator(args.words, ('STORE',), args.device)
    store = SkeletonStore(folder)
    rows = np.array(store.split(args.split)) if args.split else np.arange(len(store))
    if not len(rows):
        raise StoreError(f'{folder}: split {args.split!r} is empty')
    rng = np.random.default_rng(args.seed)
    rows = np.sort(rng.permutation(rows)[: args.clips])
    found = measure(generator, store, rows, args.frames)
    print(table(found))
    pose, movement = np.nanmedian([each for shares in found.values() for each in shares], axis=0)
    print(f'pose error: {pose:.4f}\nmovement lost: {movement:.4f}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
