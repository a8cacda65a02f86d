"""Train a model: ``mmactrep train CONFIG [--work-dir DIR] [--resume] [--cfg-options K=V ...]``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mmactrep.arguments import (
    SEED,
    add_config_options,
    add_holdout_arguments,
    plain_errors,
    whole_number,
)
from mmactrep.engine.run_length import (
    add_clip_length_argument,
    resolve_clip_length,
    set_clip_length,
    set_epochs,
)
from mmactrep.engine.runner_arguments import add_runner_arguments, merge_runner_arguments

if TYPE_CHECKING:
    from mmengine.config import Config


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_runner_arguments(parser)
    parser.add_argument(
        '--resume',
        nargs='?',
        const='auto',
        metavar='CHECKPOINT',
        help='resume from a checkpoint; without a path, from the last complete one in the work folder',
    )
    parser.add_argument('--load-from', metavar='CHECKPOINT', help='start from these weights (fine-tuning)')
    parser.add_argument(
        '--epochs',
        type=whole_number(1, 1_000_000),
        help='number of epochs; the schedule is stretched to fit',
    )
    add_clip_length_argument(parser, 'as in the config')
    parser.add_argument('--amp', action='store_true', help='bfloat16 autocast, on CPU and CUDA')
    parser.add_argument('--no-validate', action='store_true', help='no validation during training')
    parser.add_argument('--seed', type=SEED, help='random seed (default: as in the config)')
    parser.add_argument('--deterministic', action='store_true', help='deterministic algorithms only')
    parser.add_argument(
        '--auto-scale-lr', action='store_true', help='scale the learning rate with the real batch size'
    )
    add_holdout_arguments(parser)
    add_config_options(parser)
    args = parser.parse_args(argv)
    if not args.holdout and (args.holdout_groups or args.holdout_cameras):
        parser.error('--holdout-groups and --holdout-cameras need --holdout')
    return args


def build_config(args: argparse.Namespace) -> Config:
    """The config with the command-line arguments applied."""
    cfg = merge_runner_arguments(args)
    if args.load_from:
        cfg.load_from = args.load_from
    if args.epochs:
        set_epochs(cfg, args.epochs)
    if args.holdout:
        from mmactrep.engine.holdout import hold_out_validation

        hold_out_validation(cfg, args.holdout, args.holdout_seed, args.holdout_groups, args.holdout_cameras)
    if args.clip_length:
        set_clip_length(cfg, args.clip_length)
    resolve_clip_length(cfg)
    if args.amp:
        cfg.optim_wrapper.type = 'AutocastOptimWrapper'
    if args.no_validate:
        cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
        cfg.default_hooks.checkpoint.pop('save_best', None)
    if args.seed is not None:
        cfg.randomness.seed = args.seed
    if args.deterministic:
        cfg.randomness.deterministic = True
    if args.auto_scale_lr:
        cfg.auto_scale_lr.enable = True
    if args.resume == 'auto':
        from mmactrep.engine.checkpoints import find_last_whole_checkpoint

        checkpoint = find_last_whole_checkpoint(Path(cfg.work_dir))
        cfg.resume = checkpoint is not None
        cfg.load_from = str(checkpoint) if checkpoint else cfg.get('load_from')
    elif args.resume:
        cfg.resume, cfg.load_from = True, args.resume
    return cfg


@plain_errors
def main(argv: list[str] | None = None) -> None:
    """Entry point."""
    args = parse_args(argv)

    from mmactrep.engine.runner import ConfiguredRunner  # takes seconds

    ConfiguredRunner.from_cfg(build_config(args)).train()
