"""Build a data set of skeletons like Posetics or PoseCap-1M from lists of videos (thesis 3.5, 6.3.1).

    mmactrep build train.csv --videos VIDEOS --mapping 400_to_320.txt --out data/mine

SOURCE is a CSV file with column names (label,youtube_id,time_start,time_end,split, or id,start,end,label, or
path,label,split), a list of videos as for mmactrep extract, a folder of class folders, a data set that
mmactrep annotate knows by its name (ut_interaction), or a config with several sources (.py or
.json, see configs/_sources_).

A mapping is a text file with one line "old -> new" a label, "old -> -" to drop it; several labels may become
one. Clips are cut by their seconds; those without a body in over half of their frames are left out. OUT gets
the store 2d, with --lift also 3d, captions.json for T-MOR, and report.html.

A row without a video, with an end before its start or with a label that the mapping does not know stops the
build before anything is done; with --skip-bad such rows are listed and left out. The log of the store
(videos.jsonl) has a line for every row. To resume a build that was killed, give the same command again.

To share the work among processes and machines, use torchrun, a Slurm array, or --shard 0/8; then add --merge
to the command, which checks that no row is lost or there twice:

    bash tools/slurm_build_dataset.sh PARTITION 32 kinetics.py --out data/mine
    torchrun --nproc_per_node 4 -m mmactrep build kinetics.py --out data/mine
    mmactrep build kinetics.py --out data/mine --merge
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mmactrep.arguments import SHARE, plain_errors
from mmactrep.pose.extraction.arguments import add_pose_arguments, build_estimator, print_speed
from mmactrep.pose.extraction.settings import ExtractionSettings

if TYPE_CHECKING:
    from mmactrep.pose.extraction.building.config import BuildConfig
    from mmactrep.pose.extraction.building.settings import BuildReport
    from mmactrep.store.reader import SkeletonStore


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Arguments of the command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('source', help='list, folder, name of a data set, or config of several sources')
    parser.add_argument('--out', required=True, type=Path, help='folder of the data set')
    parser.add_argument('--videos', type=Path, help='folder of the videos (default: that of the list)')
    parser.add_argument('--mapping', type=Path, help='text file of labels and classes, old -> new')
    parser.add_argument('--captions', type=Path, help='JSON file of captions: id to sentence or sentences')
    parser.add_argument('--classes', type=Path, help='text file of class names, one per line')
    parser.add_argument('--split', default='', help='split of the rows that name none')
    parser.add_argument('--trimmed', action='store_true', help='the files are the clips already: cut nothing')
    add_pose_arguments(parser, layout='posetics17')
    parser.add_argument(
        '--min-share',
        type=SHARE,
        default=0.5,
        help='leave out clips with a body in a lower share of their frames (%(default)s)',
    )
    parser.add_argument(
        '--posetics-json', type=Path, metavar='DIR', help="write Posetics's JSON files of the data set too"
    )
    parser.add_argument('--merge', action='store_true', help='merge the shards of the same command')
    parser.add_argument('--shard', metavar='I/N', help='the part of the rows to process, I from 0')
    parser.add_argument('--skip-bad', action='store_true', help='list rows that cannot be used, and go on')
    parser.add_argument(
        '--keep-damaged', action='store_true', help='use the readable part of damaged videos, and report it'
    )
    parser.add_argument('--overwrite', action='store_true', help='replace a finished data set')
    parser.add_argument('--quiet', action='store_true', help='no progress bar')
    return parser.parse_args(argv)


def read_config(args: argparse.Namespace) -> BuildConfig:
    """The sources that the arguments name.

    Raises:
        BuildError: If arguments of one source are given beside a config of several.
    """
    from mmactrep.pose.extraction.building import config
    from mmactrep.pose.extraction.video_list import read_classes

    path = Path(args.source)
    if path.suffix in config.CONFIG_SUFFIXES:
        own = [name for name in ('mapping', 'captions', 'classes', 'split', 'trimmed') if getattr(args, name)]
        if own:
            raise config.BuildError(f'{path}: --{own[0]} belongs into the config, to one of its sources')
        return config.read_build_config(path, args.videos)
    source = config.one_source(
        args.source, args.videos, args.mapping, args.captions, args.split, args.trimmed or None
    )
    return config.BuildConfig([source], None if args.classes is None else read_classes(args.classes))


def print_report(report: BuildReport) -> None:
    """Print what was done, and what was left out."""
    from mmactrep.pose.extraction.building.outcomes import REASONS

    resumed = f' ({report.resumed} of an earlier attempt)' if report.resumed else ''
    print(f'{report.root}: {report.counts[""]} clips of {report.rows} rows{resumed}')
    for reason, meaning in REASONS.items():
        if report.counts[reason]:
            print(f'  {report.counts[reason]} left out: {meaning}')
    if report.counts['bad'] + report.counts['nobody'] + report.counts['few']:
        print(f'  listed in {report.skipped_file}')
    print_speed(report.seconds, report.frames)
    if report.frames:
        share = 1000 * report.processor / report.frames
        print(f'  {report.frames} frames, {report.processor:.0f} s of processor time, {share:.1f} ms each')


def _merge(args: argparse.Namespace) -> int:
    from mmactrep.pose.extraction.building.merging import merge_dataset

    config = read_config(args)
    report = merge_dataset(config.sources, args.out, config.classes, args.overwrite)
    print_report(report)
    _describe(args, config)
    return 0


def _describe(args: argparse.Namespace, config: BuildConfig) -> None:
    """Write what lies beside the stores of a whole data set: captions and the report."""
    from mmactrep.pose.extraction.building.captions import CAPTION_FILE, write_captions
    from mmactrep.pose.extraction.building.settings import FLAT
    from mmactrep.store.reader import SkeletonStore
    from mmactrep.visualization.dataset_page import write_dataset_page

    captions = write_captions(config.sources, args.out)
    print(
        f'{args.out / CAPTION_FILE}: {captions.written} clips with captions of a file, {captions.named} with '
        f'the name of their class, {captions.without} with neither'
    )
    flat = SkeletonStore(args.out / FLAT)
    print(write_dataset_page(args.out, flat))
    if args.posetics_json is not None:
        _write_json(args, flat)


def _write_json(args: argparse.Namespace, flat: SkeletonStore) -> None:
    from mmactrep.datasets.converters.posetics_json import write_posetics_json
    from mmactrep.pose.extraction.building.settings import SOLID
    from mmactrep.store.format import META_FILE
    from mmactrep.store.reader import SkeletonStore

    solid = args.out / SOLID
    lifted = SkeletonStore(solid) if (solid / META_FILE).exists() else None
    report = write_posetics_json(flat, args.posetics_json, lifted)
    counts = ', '.join(f'{count} in {folder}' for folder, count in report.clips.items())
    print(f"{report.root}: Posetics's files of {counts}")
    if report.renamed:
        print(f'  {report.renamed} clips with a made-up video id; their names are in clips.json')
    if report.without:
        print(f'  {report.without} clips in neither train, val nor test, or without a label, are left out')


def _build(args: argparse.Namespace) -> int:
    from mmactrep.datasets.converters.posetics_json import check_posetics_json
    from mmactrep.datasets.texts.captions import read_captions
    from mmactrep.pose.experts.base import origin_of
    from mmactrep.pose.extraction.building.plan import make_plan
    from mmactrep.pose.extraction.building.run import run_build
    from mmactrep.pose.extraction.building.settings import BuildSettings
    from mmactrep.store.shards import find_shard
    from mmactrep.structures import get_layout

    config, shard = read_config(args), find_shard(args.shard)
    for source in config.sources:  # a slip in them should not come out after days of work
        if source.captions is not None:
            read_captions(source.captions)
    plan = make_plan(config.sources, shard, config.classes, args.skip_bad)
    if args.posetics_json is not None:
        check_posetics_json(args.posetics_json, plan.splits, get_layout(args.layout))
    for note in plan.notes:
        print(f'note: {note}')
    names = {field.name for field in dataclasses.fields(ExtractionSettings)} & set(vars(args))
    extraction = ExtractionSettings(**{name: getattr(args, name) for name in names})
    settings = BuildSettings(extraction, args.min_share, args.skip_bad, args.batch_size, args.dtype)
    estimator, lifter = build_estimator(args, extraction)
    report = run_build(
        plan,
        args.out,
        estimator,
        settings,
        shard=shard,
        attributes=dict(
            source=args.out.resolve().name,
            experts=[origin_of(expert) for expert in estimator.experts],
            lift=args.lift,
        ),
        lifter=lifter,
        overwrite=args.overwrite,
        progress=not args.quiet,
    )
    estimator.close()
    print_report(report)
    if shard.count == 1:
        _describe(args, config)
    return 0


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status: 0, or 1 after an error."""
    args = parse_args(argv)
    try:
        return _merge(args) if args.merge else _build(args)
    except FileExistsError as error:
        print(f'error: {error}; --overwrite replaces it', file=sys.stderr)
        return 1
