"""Command-line arguments of ``tools/train.py`` and ``tools/test.py``, and the resulting config."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mmactrep.arguments import add_overlay_argument, whole_number

if TYPE_CHECKING:
    from mmengine.config import Config


def add_runner_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that training and testing share."""
    parser.add_argument('config', help='config file')
    add_overlay_argument(parser)
    parser.add_argument(
        '--work-dir', help='where logs and checkpoints go (default: work_dirs/CONFIG[+OVERLAY])'
    )
    parser.add_argument('--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none')
    parser.add_argument(
        '--local_rank', '--local-rank', type=whole_number(0, 65535), default=0, help=argparse.SUPPRESS
    )


def merge_runner_arguments(args: argparse.Namespace) -> Config:
    """Load the config and merge the arguments of :func:`add_runner_arguments` and ``--cfg-options``.

    Raises:
        ConfigError: If there is no such config, or it cannot be read.
        OverlayError: If an overlay does not exist, does not fit, or lacks the weights that it starts from.
        ConfigKeyError: If an option names a key that does not exist.
    """
    # importing the registries applies the workarounds; the wrapper for CPUs registers itself
    from mmactrep import compat, registry  # noqa: F401

    from . import model_wrappers  # noqa: F401
    from .composed_config import choose_weights, compose_config

    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    # the caller sets the clip length: an option or a checkpoint may determine it
    cfg = compose_config(args.config, args.overlays, args.cfg_options, clip_length=False)
    cfg.launcher = args.launcher
    if compat.init_cpu_processes(args.launcher):
        cfg.model_wrapper_cfg = dict(cfg.get('model_wrapper_cfg') or {}, type='CPUDistributedDataParallel')
        if cfg.get('sync_bn'):
            if os.environ.get('RANK', '0') == '0':
                print('warning: batch norms are not synchronized on a CPU', file=sys.stderr)
            cfg.sync_bn = None
    if args.work_dir:
        cfg.work_dir = args.work_dir
    elif cfg.get('work_dir') is None:
        cfg.work_dir = str(Path('work_dirs', Path(cfg.filename).stem))
    # a test has its own checkpoint, and load_from=None asks for an untrained encoder
    brings_weights = not hasattr(args, 'load_from') or 'load_from' in args.cfg_options
    resume = getattr(args, 'resume', None)
    resumes = bool(resume) and (resume != 'auto' or any(Path(cfg.work_dir).glob('*.pth')))
    choose_weights(cfg, getattr(args, 'load_from', None), resumes or brings_weights)
    return cfg
