"""Look at a data set: clips of a config after the pipeline's geometric transforms, or raw clips of a store.

    mmactrep browse configs/unik/unik_posetics_2d.py --split train --count 8
    mmactrep browse --store data/posetics/2d --split val --out browse

Writes a contact sheet (PNG) and a video (mp4) per clip.
"""

from __future__ import annotations

import argparse
import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from mmactrep.arguments import (
    ANGLE,
    COUNT,
    FRAME_RATE,
    PIXELS,
    SEED,
    add_config_options,
    add_overlay_argument,
    plain_errors,
    whole_number,
)
from mmactrep.store.format import StoreError
from mmactrep.store.reader import SkeletonStore


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', nargs='?', help='config with the data set')
    add_overlay_argument(parser)
    parser.add_argument('--store', help='folder of a store, whose clips are shown as they are')
    parser.add_argument(
        '--split',
        default=None,
        help='train, val or test of a config (default: train); any of a store (default: all)',
    )
    parser.add_argument('--count', type=COUNT, default=6, help='clips to show (%(default)s)')
    parser.add_argument('--clips', nargs='+', metavar='ID', help='ids of the clips of the store to show')
    parser.add_argument(
        '--random', type=SEED, metavar='SEED', help='draw the clips instead of spacing them evenly'
    )
    parser.add_argument(
        '--whole',
        action='store_true',
        help='of a store: the first clips that show a whole body, with every joint in nearly every frame',
    )
    parser.add_argument('--out', default='browse', help='folder to write (%(default)s)')
    parser.add_argument(
        '--size', type=PIXELS, nargs=2, default=(320, 320), metavar=('H', 'W'), help='size of the pictures'
    )
    parser.add_argument(
        '--fps', type=FRAME_RATE, default=20.0, help='frames per second of the videos (%(default)s)'
    )
    parser.add_argument(
        '--columns', type=whole_number(1, 1000), default=8, help='pictures in a contact sheet (%(default)s)'
    )
    parser.add_argument('--no-video', action='store_true', help='contact sheets only')
    parser.add_argument('--yaw', type=ANGLE, default=0.0, help='view of 3D clips, degrees (%(default)s)')
    parser.add_argument('--pitch', type=ANGLE, default=10.0, help='view of 3D clips, degrees (%(default)s)')
    parser.add_argument(
        '--up',
        default='-y',
        choices=[sign + axis for sign in ('', '-') for axis in 'xyz'],
        metavar='AXIS',
        help='axis that points up in 3D clips: x, y, z or, as --up=-y, the negative ones (%(default)s)',
    )
    add_config_options(parser)
    args = parser.parse_args(argv)
    if (args.config is None) == (args.store is None):
        parser.error('give a config, or --store')
    if args.whole and (args.store is None or args.clips):
        parser.error('--whole chooses clips of a --store, without --clips')
    return args


def geometric_part(pipeline: list[dict]) -> list[dict]:
    """The transforms of a pipeline up to the formatting, without streams of bones or motion: those after
    which joints are still joints.

    Args:
        pipeline: Transforms of a config.
    """
    kept = []
    for transform in pipeline:
        name = transform['type'] if isinstance(transform['type'], str) else transform['type'].__name__
        if re.match('(Format|Pack)', name):
            break
        if 'Stream' not in name and name != 'GenSkeFeat':
            kept.append(transform)
    return kept


def config_clips(
    config: str,
    split: str,
    options: dict,
    count: int,
    seed: int | None,
    overlays: Sequence[str] = (),
) -> Iterator[dict]:
    """Annotation dictionaries of a config's data set after the geometric transforms.

    Raises:
        ConfigError: If the config has no data for the split.
    """
    from mmengine.registry import init_default_scope

    from mmactrep.datasets.pipelines import pipeline_steps
    from mmactrep.engine.composed_config import compose_config
    from mmactrep.engine.config_files import ConfigError
    from mmactrep.registry import DATASETS

    cfg = compose_config(config, overlays, options)
    init_default_scope(cfg.get('default_scope', 'mmactrep'))
    loader = cfg.get(f'{split}_dataloader')
    if not loader or not loader.get('dataset'):
        raise ConfigError(f'{config}: it has no data for split {split!r} (no {split}_dataloader)')
    dataset = loader.dataset
    dataset.pipeline = geometric_part(pipeline_steps(dataset.pipeline))
    dataset = DATASETS.build(dataset)
    names = getattr(dataset, 'metainfo', {}).get('classes', ())
    for i in choose(len(dataset), count, seed):
        clip = dataset[i]
        yield dict(clip, class_name=names[clip['label']]) if 0 <= clip['label'] < len(names) else clip


def shows_a_whole_body(clip: dict) -> bool:
    """Whether every joint of the first person is in the picture, in nine of ten frames."""
    inside = clip['keypoint_score'][0] > 0
    if clip['keypoint'].shape[-1] == 2:
        height, width = clip['img_shape']
        keypoint = clip['keypoint'][0]
        inside = inside & (keypoint >= 0).all(-1) & (keypoint <= (width, height)).all(-1)
    return bool(inside.all(-1).mean() >= 0.9)


def store_clips(
    root: str,
    split: str | None,
    ids: list[str] | None,
    count: int,
    seed: int | None,
    whole: bool = False,
) -> Iterator[dict]:
    """Annotation dictionaries of a store as they are.

    Raises:
        StoreError: If there is no such store, split or clip, the split is empty, or no clip shows a whole
            body.
    """
    store = SkeletonStore(root)
    if ids:
        rows = [store.find(clip_id) for clip_id in ids]
    else:
        rows = np.arange(len(store)) if split is None else store.split(split)
        if not len(rows):
            raise StoreError(f'{root}: no clip to show, split {split!r} is empty')
        rows = rows[choose(len(rows), len(rows) if whole else count, seed)]
    clips = (store[int(row)] for row in rows)
    if whole:
        found = list(itertools.islice(filter(shows_a_whole_body, clips), count))
        if not found:
            raise StoreError(f'{root}: no clip shows a whole body; leave out --whole')
        clips = iter(found)
    for clip in clips:
        yield dict(clip, class_name=store.classes[clip['label']] if clip['label'] >= 0 else '?')


def choose(total: int, count: int, seed: int | None) -> np.ndarray:
    """Which of ``total`` clips to show: evenly spaced ones, or a random draw."""
    count = min(count, total)
    if seed is not None:
        return np.sort(np.random.default_rng(seed).choice(total, count, replace=False))
    return np.unique(np.linspace(0, total - 1, count).round().astype(int))


def show(clip: dict, args: argparse.Namespace) -> Path:
    """Write the contact sheet and the video of a clip; returns the path of the sheet."""
    from mmactrep.visualization import contact_sheet, render_clip, write_image, write_video

    name = re.sub(r'[^\w.-]+', '_', str(clip.get('frame_dir', 'clip')))
    text = f'{clip.get("class_name", clip.get("label"))} {name}'[: args.size[1] // 10]
    frames = list(
        render_clip(
            clip['keypoint'],
            clip['layout'],
            clip.get('keypoint_score'),
            size=tuple(args.size),
            text=text,
            yaw=args.yaw,
            pitch=args.pitch,
            up=args.up,
        )
    )
    path = Path(args.out) / f'{name}.png'
    write_image(path, contact_sheet(frames, args.columns, args.columns))
    if not args.no_video:
        write_video(path.with_suffix('.mp4'), frames, args.fps)
    return path


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    args = parse_args(argv)
    if args.store:
        clips = store_clips(args.store, args.split, args.clips, args.count, args.random, args.whole)
    else:
        clips = config_clips(
            args.config, args.split or 'train', args.cfg_options, args.count, args.random, args.overlays
        )
    for clip in clips:
        print(show(clip, args), flush=True)
    return 0
