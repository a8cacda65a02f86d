"""Test a checkpoint: ``python tools/test.py CONFIG CHECKPOINT [--dump SCORES.npz] [--cfg-options ...]``."""

from __future__ import annotations

import argparse
import sys

from mmengine.config import Config, DictAction
from mmengine.runner import Runner

from mmactrep.arguments import plain_errors
from mmactrep.engine.runner_arguments import add_runner_arguments, merge_runner_arguments


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_runner_arguments(parser)
    parser.add_argument('checkpoint', help='checkpoint file')
    parser.add_argument('--dump', metavar='NPZ', help='write the scores of all clips, for fuse_scores.py')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, default={}, metavar='KEY=VALUE')
    return parser.parse_args(argv)


def build_config(args: argparse.Namespace) -> Config:
    """The config with what the command line says."""
    cfg = merge_runner_arguments(args)
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
    Runner.from_cfg(build_config(parse_args(argv))).test()


if __name__ == '__main__':
    sys.exit(main())
