"""Test a checkpoint: ``mmactrep test CONFIG CHECKPOINT [--dump SCORES.npz] [--cfg-options ...]``."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mmactrep.arguments import add_config_options, plain_errors
from mmactrep.engine.run_length import (
    add_clip_length_argument,
    clip_lengths,
    resolve_clip_length,
    set_clip_length,
)
from mmactrep.engine.runner_arguments import add_runner_arguments, merge_runner_arguments
from mmactrep.errors import CheckpointError
from mmactrep.packaged import find_checkpoint, no_such_checkpoint

if TYPE_CHECKING:
    from mmengine.config import Config


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_runner_arguments(parser)
    parser.add_argument('checkpoint', help='checkpoint file')
    parser.add_argument('--dump', metavar='NPZ', help='write the scores of all clips, for fuse_scores.py')
    parser.add_argument('--metrics', type=Path, metavar='JSON', help='write the metrics to a file')
    add_clip_length_argument(parser, 'as in training')
    add_config_options(parser)
    return parser.parse_args(argv)


def build_config(args: argparse.Namespace) -> Config:
    """The config with the command-line arguments applied."""
    from mmactrep.engine.checkpoints import read_checkpoint
    from mmactrep.engine.trained_on import INFERENCE

    cfg = merge_runner_arguments(args)
    trained = read_checkpoint(args.checkpoint)['meta'].get(INFERENCE) or {}
    if args.clip_length:
        set_clip_length(cfg, args.clip_length)
    resolve_clip_length(cfg, trained)
    lengths, trained_lengths = clip_lengths(dict(test_dataloader=cfg.test_dataloader)), clip_lengths(trained)
    if trained_lengths and lengths != trained_lengths:
        print(
            f'warning: the config tests on clips of {lengths} frames, the training of the checkpoint did on '
            f'{trained_lengths}',
            file=sys.stderr,
        )
    cfg.load_from = args.checkpoint
    cfg.resume = False
    if args.dump:
        evaluators = cfg.test_evaluator
        evaluators = list(evaluators) if isinstance(evaluators, (list, tuple)) else [evaluators]
        cfg.test_evaluator = [*evaluators, dict(type='ScoreDump', out_file_path=args.dump)]
    return cfg


@plain_errors
def main(argv: list[str] | None = None) -> None:
    """Entry point."""
    args = parse_args(argv)
    if not find_checkpoint(args.checkpoint).exists():
        raise CheckpointError(no_such_checkpoint(args.checkpoint))

    from mmengine.dist import is_main_process

    from mmactrep.engine.runner import ConfiguredRunner  # takes seconds

    metrics = ConfiguredRunner.from_cfg(build_config(args)).test()
    if args.metrics and is_main_process():
        args.metrics.write_text(json.dumps(metrics), encoding='utf-8')
