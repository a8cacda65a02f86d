"""Extract the features of texts or videos by a frozen teacher, once, into a feature store.

Texts of the clips of a skeleton store: descriptions of their classes (a file, or the name of a shipped list;
without either, the names of the classes), or captions of their own, a JSON file of {clip id: sentence or
[sentences]}:

    mmactrep features text data/penn_action/2d --teacher minilm --texts penn_action
    mmactrep features text data/mine/2d --teacher minilm --captions captions.json

Videos of the clips of a skeleton store, found in a folder by the names of the clips, or videos without a
store (files, folders, lists as for mmactrep extract), each a clip named after its file:

    mmactrep features video data/mine/2d --videos ~/videos --teacher efficientnet-lite0
    mmactrep features video data/mine/2d --videos ~/videos --pattern '{id}_rgb.avi' ...
    mmactrep features video ~/videos --teacher efficientnet-lite0 --out data/mine/lite0

The teacher sees frames spread evenly over the clip: the whole video, or for a store that was extracted with
--clip-length the part that the clip comes from. Videos that cannot be decoded are skipped and listed in
OUT.skipped.txt; the exit status is then 3, or 0 with --skip-bad (and under torchrun).

Features are written to STORE_features/TEACHER_KIND, as data/mine/2d_features/minilm_text, if --out does not
say otherwise. Clips without a text or a video have no entry.

To resume an extraction that was killed, give the same command again. To share the work among processes and
machines, use torchrun, a Slurm array, or --shard 0/8; then

    mmactrep merge --out data/mine/2d_features/minilm_text
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mmactrep.arguments import BATCH, COUNT, plain_errors
from mmactrep.store.feature_format import default_feature_root
from mmactrep.store.format import META_FILE
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
    video = kinds.add_parser('video', parents=[common], help='the videos of clips')
    video.add_argument(
        'sources',
        nargs='+',
        type=Path,
        metavar='SOURCE',
        help='a skeleton store, or videos, folders and lists',
    )
    video.add_argument('--videos', type=Path, help='folder of the videos of the clips of the store')
    video.add_argument(
        '--pattern',
        help="path of a clip's video in that folder, as '{id}_rgb.avi'; * and ? may stand in it "
        '(default: any video of that name, also in subfolders)',
    )
    video.add_argument('--num-frames', type=COUNT, help="frames per clip (default: the teacher's)")
    video.add_argument('--batch-size', type=BATCH, default=8, help='clips per batch (%(default)s)')
    video.add_argument('--skip-bad', action='store_true', help='exit status 0, not 3, if videos were skipped')
    video.add_argument('--keep-damaged', action='store_true', help='use the readable part of damaged videos')
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


def extract_video(args: argparse.Namespace) -> FeatureReport:
    """Features of the videos of a store's clips, or of videos without a store."""
    from mmactrep.apis.feature_extraction.video_clips import SourceVideoError, VideoClip, clips_of_store
    from mmactrep.apis.feature_extraction.videos import extract_video_features
    from mmactrep.models.teachers import build_video_teacher
    from mmactrep.pose.extraction.video_list import list_videos
    from mmactrep.store.reader import SkeletonStore

    first, source = args.sources[0], ''
    if (first / META_FILE).is_file() or args.videos is not None:
        if len(args.sources) > 1 or args.videos is None:
            raise SourceVideoError(f'{first}: expected one skeleton store, and the folder of its --videos')
        store = SkeletonStore(first)
        clips = clips_of_store(store, args.videos, args.pattern)
        source = store.attributes.get('source', '')
    elif args.pattern is not None:
        raise SourceVideoError('--pattern is for the videos of the clips of a store: give the store')
    else:
        clips = [VideoClip(job.clip_id, job.path) for job in list_videos(args.sources)]
        if args.out is None and (len(args.sources) > 1 or not first.is_dir()):
            raise SourceVideoError('expected --out, the folder of the feature store')
    shard = find_shard(args.shard)
    options = {} if args.num_frames is None else dict(num_frames=args.num_frames)
    teacher = build_video_teacher(dict(type=args.teacher, **options), device=args.device)
    return extract_video_features(
        clips,
        teacher,
        args.out or default_feature_root(first, teacher.name, 'video'),
        shard=shard,
        attributes=dict(source=source),
        batch_size=args.batch_size,
        keep_damaged=args.keep_damaged,
        overwrite=args.overwrite,
        progress=not args.quiet,
    )


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status: 0, 1 after an error, 3 if videos were skipped."""
    args = parse_args(argv)
    try:
        report = extract_text(args) if args.kind == 'text' else extract_video(args)
    except FileExistsError as error:
        print(f'error: {error}; --overwrite replaces it', file=sys.stderr)
        return 1
    for line in report.lines():
        print(line)
    excused = 'TORCHELASTIC_RUN_ID' in os.environ or (args.kind == 'video' and args.skip_bad)
    return SKIPPED_STATUS if report.skipped and not excused else 0
