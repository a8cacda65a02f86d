"""Frames per second of segmentation, by window batch and precision, on a sequence of any length.

    python tools/analysis/benchmark_segmentation.py configs/unik/unik_tsu-sample_2d.py [--clip STORE::CLIP]
        [--frames 6000] [--batch-sizes 1 8] [--stride 300]

The network has random weights, as its speed does not depend on them. Modes take turns, so that other load on
the machine affects all of them the same way. Prints medians of wall-clock and of processor time.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mmactrep.arguments import BATCH, COUNT, THREADS, add_overlay_argument, plain_errors

if TYPE_CHECKING:
    from mmengine.config import Config


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config')
    add_overlay_argument(parser)
    parser.add_argument('--clip', help='STORE::CLIP (default: random coordinates)')
    parser.add_argument('--layout', default='posetics17', help='of the network (%(default)s)')
    parser.add_argument('--frames', type=COUNT, default=6000, help='frames used (%(default)s)')
    parser.add_argument('--stride', type=COUNT, help='frames between windows (default: a whole window)')
    parser.add_argument('--batch-sizes', type=BATCH, nargs='+', default=(1, 8), help='windows at once')
    parser.add_argument('--rounds', type=COUNT, default=3)
    parser.add_argument('--threads', type=THREADS, help="PyTorch's threads")
    return parser.parse_args(argv)


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    args = parse_args(argv)

    import torch
    from mmengine.registry import init_default_scope

    from mmactrep.apis import ActionSegmenter
    from mmactrep.engine.composed_config import compose_config
    from mmactrep.engine.runner import build_model
    from mmactrep.structures import get_layout

    if args.threads:
        torch.set_num_threads(args.threads)
    threads = torch.get_num_threads()
    init_default_scope('mmactrep')
    cfg = compose_config(args.config, args.overlays)
    layout = get_layout(args.layout)
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / 'random.pth'
        torch.save(dict(state_dict=build_model(cfg, args.config).state_dict(), meta={}), weights)
        segmenters = {
            kind: ActionSegmenter(
                cfg, weights, stride=args.stride, layout=layout, device='cpu', bfloat16=kind == 'bf16'
            )
            for kind in ('fp32', 'bf16')
        }
    if not args.stride:
        for segmenter in segmenters.values():
            segmenter.stride = segmenter.window
    clip = _read_clip(args, cfg, layout)
    times: dict[tuple, list[tuple[float, float]]] = {}
    for _ in range(args.rounds + 1):  # the first round warms up
        for kind, segmenter in segmenters.items():
            for size in args.batch_sizes:
                wall, cpu = time.perf_counter(), time.process_time()
                segmenter.segment(clip, size)
                spent = time.perf_counter() - wall, time.process_time() - cpu
                times.setdefault((kind, size), []).append(spent)
    frames = clip['keypoint'].shape[1]
    window, stride = segmenter.window, segmenter.stride
    print(f'{args.config}: {frames} frames, window {window}, stride {stride}, {threads} thread(s)')
    print('precision  windows  frames/s (wall)  frames/s (processor time)')
    for (kind, size), spent in times.items():
        wall, cpu = (frames / statistics.median(values) for values in zip(*spent[1:]))
        print(f'{kind:9}  {size:7d}  {wall:15.0f}  {cpu:25.0f}')
    return 0


def _read_clip(args: argparse.Namespace, cfg: Config, layout) -> dict:
    from mmactrep.apis.pose_inputs import read_store_clip

    if args.clip:
        clip = read_store_clip(args.clip).annotation
        part = {key: clip[key][:, : args.frames] for key in ('keypoint', 'keypoint_score')}
        return clip | part
    channels = cfg.model.backbone.in_channels
    keypoint = np.random.default_rng(0).uniform(1, 400, (1, args.frames, layout.num_joints, channels))
    return dict(keypoint=keypoint.astype(np.float32), img_shape=(480, 640), layout=layout)


if __name__ == '__main__':
    sys.exit(main())
