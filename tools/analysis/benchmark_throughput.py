"""Clips per second of the models of configs: inference and training step, side by side in one run.

    python tools/analysis/benchmark_throughput.py configs/unik/unik_penn_2d.py configs/stgcn/stgcn_penn_2d.py

The input is random, in the shape that the config's test pipeline makes. A training step is the loss of the
whole recognizer, backward, and a step of SGD. Every round runs every config once, so that other load on the
machine affects all of them the same way. ``--clock cpu`` counts processor time (use it with
``OMP_WAIT_POLICY=passive``), for a machine that others use.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from mmactrep.arguments import (
    BATCH,
    COUNT,
    THREADS,
    add_config_options,
    add_overlay_argument,
    plain_errors,
    whole_number,
)

DTYPES = dict(fp32=None, bf16='bfloat16', fp16='float16')


class Contestant:
    """A config's model, its random input and its optimizer."""

    def __init__(self, path: str, options: dict, batch_size: int, args: argparse.Namespace) -> None:
        import torch
        from mmaction.structures import ActionDataSample
        from mmengine.registry import init_default_scope

        from mmactrep import compat
        from mmactrep.engine.composed_config import compose_config
        from mmactrep.engine.config_files import ConfigError
        from mmactrep.engine.runner import build_model
        from mmactrep.models.input_shape import model_input_shape

        cfg = compose_config(path, args.overlays, options)
        init_default_scope(cfg.get('default_scope', 'mmactrep'))
        self.name, dtype = Path(cfg.filename).stem, DTYPES[args.precision]
        self.dtype = dtype and getattr(torch, dtype)
        if self.dtype is torch.bfloat16:
            compat.accept_bfloat16_scores()
        self.model = build_model(cfg, path).to(args.device)
        if not hasattr(self.model, 'cls_head'):
            raise ConfigError(f'{path}: expected a recognizer, found {type(self.model).__name__}')
        self.shape = tuple(args.shape) if args.shape else model_input_shape(cfg, self.model)
        self.clips = torch.randn(batch_size, 1, *self.shape, device=args.device)
        classes = self.model.cls_head.num_classes
        self.samples = [
            ActionDataSample().set_gt_label(i % classes).to(args.device) for i in range(batch_size)
        ]
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=1e-4, momentum=0.9)
        if args.compile:
            self.model.backbone = torch.compile(self.model.backbone)

    def run(self, train: bool) -> None:
        """One training step, or one forward pass."""
        import torch

        self.model.train(train)
        device = self.clips.device.type
        with (
            torch.autocast(device, self.dtype, enabled=self.dtype is not None),
            torch.set_grad_enabled(train),
        ):
            if not train:
                self.model(self.clips, self.samples, mode='tensor')
                return
            losses = self.model(self.clips, self.samples, mode='loss')
        self.optimizer.zero_grad()
        losses['loss_cls'].backward()
        self.optimizer.step()


def measure(
    contestants: list[Contestant], train: bool, rounds: int, clock: Callable[[], float]
) -> list[list[float]]:
    """Seconds per round of every contestant; they take turns."""
    import torch

    seconds = [[] for _ in contestants]
    for round_ in range(-1, rounds):
        for contestant, values in zip(contestants, seconds):
            start = clock()
            contestant.run(train)
            if contestant.clips.is_cuda:
                torch.cuda.synchronize()
            if round_ >= 0:
                values.append(clock() - start)
    return seconds


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('configs', nargs='+', help='config files')
    add_overlay_argument(parser)
    parser.add_argument('--batch-size', type=BATCH, default=16)
    parser.add_argument(
        '--shape', type=whole_number(1, 10**5), nargs=4, metavar=('M', 'T', 'V', 'C'), help='shape of a clip'
    )
    parser.add_argument('--rounds', type=COUNT, default=5)
    parser.add_argument('--precision', choices=list(DTYPES), default='fp32')
    parser.add_argument('--compile', action='store_true', help='torch.compile the backbone')
    parser.add_argument('--threads', type=THREADS, help="PyTorch's threads")
    parser.add_argument('--clock', choices=['wall', 'cpu'], default='wall')
    parser.add_argument('--device', default='cpu')
    add_config_options(parser)
    args = parser.parse_args(argv)

    import torch

    if args.threads:
        torch.set_num_threads(args.threads)
    clock = time.process_time if args.clock == 'cpu' else time.perf_counter
    contestants = [Contestant(path, args.cfg_options, args.batch_size, args) for path in args.configs]
    rates = []
    for train in (False, True):
        medians = map(statistics.median, measure(contestants, train, args.rounds, clock))
        rates.append([args.batch_size / median for median in medians])
    threads = torch.get_num_threads()
    print(f'torch {torch.__version__}, {threads} threads, {args.device}, {args.precision}, {args.clock} time')
    print(f'{"config":45s} {"M, T, V, C":>16s} {"inference":>12s} {"training":>12s}  (clips/s)')
    for contestant, inference, training in zip(contestants, *rates):
        shape = ', '.join(map(str, contestant.shape))
        print(f'{contestant.name:45s} {shape:>16s} {inference:12.1f} {training:12.1f}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
