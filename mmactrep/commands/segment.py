"""Temporal action segmentation of a skeleton sequence or a video: a timeline picture and a rendered video.

    mmactrep segment data/penn_chained/2d::test_0000 --config CONFIG --checkpoint CHECKPOINT
    mmactrep segment poses.npz --config CONFIG --checkpoint CHECKPOINT --out-dir out
    mmactrep segment video.mp4 --config CONFIG --checkpoint CHECKPOINT

Reads clips of a store (with their annotation, if any), skeleton files, and videos, whose poses are extracted.
Writes NAME_timeline.png, NAME_scores.npz and NAME.mp4; --json and --csv write the segments for other
programs. --stream pushes the frames one by one.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mmactrep.apis.model_arguments import add_model_arguments
from mmactrep.apis.report import print_notes
from mmactrep.apis.result_files import ResultFiles, add_result_arguments, to_csv
from mmactrep.arguments import COUNT, INDEX, PERSONS, SHARE, plain_errors, printable
from mmactrep.errors import InferenceError
from mmactrep.store.layout_source import layout_argument
from mmactrep.store.reader import SkeletonStore
from mmactrep.structures.segments import (
    SEGMENT_COLUMNS,
    Segment,
    SegmentationResult,
    scores_to_segments,
)

if TYPE_CHECKING:
    from mmactrep.apis import ActionSegmenter

# Ten hours at 30 frames per second; larger numbers are not frame numbers.
_MAX_FRAMES = 1_080_000


def read_input(source: str, args: argparse.Namespace) -> tuple[dict, list[Segment] | None]:
    """Annotation dictionary of the sequence, and its segments if it has any."""
    from mmactrep.apis import pose_inputs
    from mmactrep.apis.windows import PersonGroup

    if pose_inputs.kind_of_input(source) == 'store':
        root, clip_id = source.rsplit('::', 1)
        store = SkeletonStore(root)
        clip = pose_inputs.read_store_clip((store, clip_id)).annotation
        truths = [Segment(*record[1:]) for record in store.segments(store.find(clip_id)).tolist()]
        return clip, truths or None
    found = pose_inputs.read_input(
        source, lambda: pose_inputs.build_estimator(args.experts), file_layout=args.layout
    )
    print_notes(found.notes)
    if found.num_frames > _MAX_FRAMES:
        raise InferenceError(
            f'{source}: its frames are numbered from 0 to {found.num_frames - 1}, at most {_MAX_FRAMES} are '
            'segmented'
        )
    group = PersonGroup.together(found.tracks, args.persons)
    shape = (len(group.keypoint), found.num_frames, *group.keypoint.shape[2:])
    keypoint, score = np.zeros(shape, np.float32), np.zeros(shape[:-1], np.float32)
    frames = slice(group.start, group.start + group.keypoint.shape[1])
    keypoint[:, frames], score[:, frames] = group.keypoint, group.score
    clip = dict(keypoint=keypoint, keypoint_score=score, layout=found.layout, img_shape=found.img_shape)
    return clip | dict(fps=found.fps, frame_dir=Path(found.name).stem), None


def stream_scores(segmenter: ActionSegmenter, clip: dict, hop: int, lookahead: int) -> np.ndarray:
    """Scores (T, K) by pushing one frame after the other."""
    from mmactrep.apis import StreamingSegmentor

    stream = StreamingSegmentor.from_segmenter(segmenter, clip['img_shape'], hop=hop, lookahead=lookahead)
    keypoint, score = segmenter.in_own_layout(clip)
    parts = [stream.push(keypoint[:, t], score[:, t]) for t in range(keypoint.shape[1])]
    return np.concatenate([*parts, stream.finish()])


def draw_frames(
    clip: dict, classes: list[str], scores: np.ndarray, segments: list[Segment], truths: list[Segment] | None
) -> Iterator[np.ndarray]:
    """Pictures of the skeletons with the current actions, as found and as annotated."""
    from mmactrep.visualization import draw_text, render_clip

    pictures = render_clip(
        clip['keypoint'], clip['layout'], clip['keypoint_score'], img_shape=clip['img_shape'], size=(480, 640)
    )
    for t, picture in enumerate(pictures):
        found = [classes[s.label] for s in segments if s.start <= t < s.end]
        best = int(scores[t].argmax())
        lines = [f'frame {t}', 'found: ' + (', '.join(found) or '-')]
        if truths is not None:
            lines.append(
                'annotated: ' + (', '.join(classes[s.label] for s in truths if s.start <= t < s.end) or '-')
            )
        lines.append(f'best score: {classes[best]} {scores[t, best]:.2f}')
        for row, line in enumerate(lines):
            picture = draw_text(picture, line, (8, 20 + 20 * row))
        yield picture


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('input', help='STORE::CLIP, a skeleton file, or a video')
    add_model_arguments(parser, default=None)
    parser.add_argument('--out-dir', type=Path, default=Path('work_dirs/segmentation_demo'))
    parser.add_argument(
        '--threshold', type=SHARE, default=0.5, help='least score of an action in a frame (%(default)s)'
    )
    parser.add_argument(
        '--min-length', type=COUNT, default=10, help='least frames of a segment (%(default)s)'
    )
    parser.add_argument(
        '--max-gap',
        type=INDEX,
        default=5,
        help='close gaps of up to this many frames (%(default)s)',
    )
    parser.add_argument('--stride', type=COUNT, help='frames between windows (default: half a window)')
    parser.add_argument('--experts', default='default', help='pose experts for a video (%(default)s)')
    parser.add_argument(
        '--layout',
        type=layout_argument,
        help='joints of a skeleton file that does not name them: a layout, its JSON file, or a store',
    )
    parser.add_argument('--persons', type=PERSONS, default=1, help='persons of a video or file (%(default)s)')
    parser.add_argument('--stream', action='store_true', help='push frame after frame')
    parser.add_argument(
        '--lookahead',
        type=INDEX,
        default=32,
        help='frames that a stream holds back (%(default)s)',
    )
    parser.add_argument('--no-video', action='store_true', help='write only the picture and the scores')
    parser.add_argument(
        '--max-video-frames', type=COUNT, default=3000, help='most frames of the video (%(default)s)'
    )
    add_result_arguments(
        parser,
        'segments found and annotated, with times in seconds',
        'start, end, label, score of each segment found',
    )
    args = parser.parse_args(argv)

    from mmactrep.apis import ActionSegmenter
    from mmactrep.visualization import draw_timeline, write_image, write_video

    clip, truths = read_input(args.input, args)
    segmenter = ActionSegmenter(
        args.config, args.checkpoint, stride=args.stride, device=args.device, layout=args.model_layout
    )
    begin = time.perf_counter()
    if args.stream:
        scores = stream_scores(segmenter, clip, max(1, segmenter.window // 8), args.lookahead)
    else:
        scores = segmenter.segment(clip)
    seconds = time.perf_counter() - begin
    segments = scores_to_segments(scores, args.threshold, max_gap=args.max_gap, min_length=args.min_length)
    name = str(clip.get('frame_dir') or 'sequence').replace('/', '_')
    result = SegmentationResult(
        name, len(scores), float(clip.get('fps') or 0), segmenter.classes, segments, truths
    )
    files = ResultFiles(
        args.json, args.csv, partial(to_csv, columns=SEGMENT_COLUMNS, rows=SegmentationResult.rows)
    )
    files.add(result)
    picture = draw_timeline(segmenter.classes, len(scores), scores, segments, truths, result.fps, name)
    write_image(args.out_dir / f'{name}_timeline.png', picture)
    table = np.array([tuple(segment) for segment in segments], np.float64).reshape(-1, 4)
    np.savez_compressed(args.out_dir / f'{name}_scores.npz', scores=scores, segments=table)
    print(
        f'{name}: {len(scores)} frames, {len(scores) / seconds:.0f} frames per second, '
        f'{len(segments)} segments'
    )
    for segment in segments[:20]:
        place = f'{segment.start:6d} to {segment.end:6d}'
        print(f'  {place}  {segment.score:.2f}  {segmenter.classes[segment.label]}')
    print(printable(f'timeline: {args.out_dir / name}_timeline.png'))
    if not args.no_video:
        part = {key: clip[key][:, : args.max_video_frames] for key in ('keypoint', 'keypoint_score')}
        frames = draw_frames(clip | part, segmenter.classes, scores, segments, truths)
        write_video(args.out_dir / f'{name}.mp4', frames, float(clip.get('fps') or 25))
        print(printable(f'video: {args.out_dir / name}.mp4'))
    return 0
