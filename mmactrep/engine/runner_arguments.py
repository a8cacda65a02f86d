"""What ``tools/train.py`` and ``tools/test.py`` read from a command line, and the config that comes of it."""

from __future__ import annotations

import argparse
import difflib
import inspect
import os
from collections.abc import Sequence
from pathlib import Path

from mmengine.config import Config
from mmengine.runner import Runner
from torch.utils.data import DataLoader

from mmactrep import compat, registry  # noqa: F401  the registries apply the work-arounds
from mmactrep.arguments import whole_number
from mmactrep.errors import UserError

from . import model_wrappers  # noqa: F401  registers the wrapper for CPUs
from .config_files import read_config


class ConfigKeyError(UserError, KeyError):
    """A ``--cfg-options`` key that the config does not have."""


def add_runner_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments that training and testing share."""
    parser.add_argument('config', help='config file')
    parser.add_argument('--work-dir', help='where logs and checkpoints go (default: work_dirs/CONFIG)')
    parser.add_argument('--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none')
    parser.add_argument(
        '--local_rank', '--local-rank', type=whole_number(0, 65535), default=0, help=argparse.SUPPRESS
    )


def merge_runner_arguments(args: argparse.Namespace) -> Config:
    """Load the config and merge the arguments of :func:`add_runner_arguments` and ``--cfg-options``.

    Raises:
        FileNotFoundError: If there is no such config.
        ConfigKeyError: If an option names a key that does not exist.
    """
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    cfg = read_config(args.config)
    check_option_keys(cfg, args.cfg_options)
    cfg.merge_from_dict(args.cfg_options)
    cfg.launcher = args.launcher
    if compat.init_cpu_processes(args.launcher):
        cfg.model_wrapper_cfg = dict(cfg.get('model_wrapper_cfg') or {}, type='CPUDistributedDataParallel')
    if args.work_dir:
        cfg.work_dir = args.work_dir
    elif cfg.get('work_dir') is None:
        cfg.work_dir = str(Path('work_dirs', Path(args.config).stem))
    return cfg


def check_option_keys(cfg: Config, options: dict) -> None:
    """Refuse options whose key the config does not have; a typo would otherwise change nothing.

    A new key is allowed where something takes it: inside a dictionary with a ``type`` (whose
    constructor refuses what it does not know), at the top level what the ``Runner`` knows, in a data
    loader what torch's knows.

    Raises:
        ConfigKeyError: Naming the key and the nearest ones there are.
    """
    for key in options:
        node, parts = cfg._cfg_dict, key.split('.')
        for depth, part in enumerate(parts):
            if isinstance(node, (list, tuple)):
                known = [str(i) for i in range(len(node))]
                found = part in known
            elif isinstance(node, dict):
                known = [*node, *_arguments_of(parts[:depth])]
                takes_any = depth > 0 and depth == len(parts) - 1 and 'type' in node
                found = part in known or takes_any
            else:
                known, found = [], False
            if not found:
                near = difflib.get_close_matches(part, known, n=3, cutoff=0.4) or known[:8]
                place = '.'.join(parts[:depth]) or 'the config'
                raise ConfigKeyError(
                    f"--cfg-options {key}: there is no '{part}' in {place}; near are: {', '.join(near)}"
                )
            node = node[int(part)] if isinstance(node, (list, tuple)) else node.get(part, {})


def _arguments_of(place: Sequence[str]) -> list[str]:
    """Names that a place of the config takes beside those it has: the runner's, or the data loader's."""
    if not place:
        return list(inspect.signature(Runner).parameters)
    if len(place) == 1 and place[0].endswith('_dataloader'):
        return list(inspect.signature(DataLoader).parameters)
    return []
