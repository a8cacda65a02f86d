"""What the commands that extract poses share: the arguments of experts and tracks."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from mmactrep.arguments import BATCH, COUNT, INDEX, PERSONS, number
from mmactrep.pose.experts.builder import DEFAULT_EXPERTS, default_group
from mmactrep.store.format import BadClipError

from .settings import ExtractionSettings

if TYPE_CHECKING:
    from mmactrep.pose.estimator import PoseEstimator
    from mmactrep.pose.lifting import PoseLifter


def add_pose_arguments(parser: argparse.ArgumentParser, layout: str = 'coco17') -> None:
    """Add the arguments of experts, tracks and the store's numbers.

    Args:
        parser: Parser of the command.
        layout: Default layout of the store.
    """
    settings = ExtractionSettings()
    parser.add_argument(
        '--experts',
        nargs='+',
        default=[DEFAULT_EXPERTS],
        help=f'experts or groups of them by name, or one Python config with a list `experts` '
        f'(default: {DEFAULT_EXPERTS})',
    )
    parser.add_argument('--device', default='cpu', help='cpu, cuda or cuda:0 (default: cpu)')
    parser.add_argument('--layout', default=layout, help=f'joint layout of the store (default: {layout})')
    parser.add_argument('--batch-size', type=BATCH, default=16, help='frames per batch for the experts')
    parser.add_argument('--max-persons', type=PERSONS, default=settings.max_persons, help='persons per clip')
    parser.add_argument(
        '--min-length', type=COUNT, default=settings.min_length, help='skip tracks of fewer frames'
    )
    parser.add_argument(
        '--min-confidence',
        type=number(0, 100),
        default=settings.min_confidence,
        help='γ of Eq. 3.3, with --discard',
    )
    parser.add_argument('--discard', action='store_true', help='discard poses whose confidence is below γ')
    parser.add_argument(
        '--fill-gap',
        type=INDEX,
        default=settings.fill_gap,
        help='fill gaps of up to this many frames',
    )
    parser.add_argument('--lift', metavar='MODEL', help="3D: a lifting model's name, or CONFIG,CHECKPOINT")
    parser.add_argument('--dtype', choices=('float32', 'float16'), default='float32')


def read_experts(specs: list[str]) -> list:
    """Specs of experts, or those in the list ``experts`` of a Python config if one is given.

    Raises:
        BadClipError: If the config has no such list.
    """
    if len(specs) == 1 and specs[0].endswith('.py'):
        from mmactrep.engine.config_files import read_config

        config = read_config(specs[0])
        if not config.get('experts'):
            raise BadClipError(f"{specs[0]}: expected a config with a list 'experts'")
        return [spec if isinstance(spec, str) else dict(spec) for spec in config.experts]
    # by its name: a store must say which experts made it, and a resumed attempt use the same
    return [default_group() if spec == DEFAULT_EXPERTS else spec for spec in specs]


def local_device(device: str) -> str:
    """The device of this process: plain ``cuda`` distributes the processes over the GPUs of a machine."""
    if device == 'cuda' and 'LOCAL_RANK' in os.environ:
        import torch

        return f'cuda:{int(os.environ["LOCAL_RANK"]) % max(1, torch.cuda.device_count())}'
    return device


def build_estimator(
    args: argparse.Namespace, settings: ExtractionSettings
) -> tuple[PoseEstimator, PoseLifter | None]:
    """The pose estimator of ``--experts``, ``--layout`` and ``--device``, and the lifter of ``--lift``."""
    from mmactrep.pose.estimator import PoseEstimator
    from mmactrep.pose.experts.builder import build_experts
    from mmactrep.structures import get_layout

    device = local_device(args.device)
    experts = build_experts(read_experts(args.experts), device=device)
    lifter = None
    if args.lift:
        from mmactrep.pose.lifting import build_lifter

        lifter = build_lifter(args.lift, device=device)
    return PoseEstimator(experts, get_layout(args.layout), **settings.estimator), lifter


def print_speed(seconds: Mapping[str, float], frames: int) -> None:
    """Print the speed of each stage."""
    for stage, took in seconds.items():
        print(f'  {stage:24s} {frames / max(took, 1e-9):9.1f} frames/s')
