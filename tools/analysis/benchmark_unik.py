"""UNIK and a plain transcription of its equations, side by side in one run.

    python tools/analysis/benchmark_unik.py [--rounds 5] [--modes oracle fp32 bf16 folded] [--clock cpu]

For the shapes (C, T, V, M) = (2, 150, 17, 1), (2, 150, 17, 2) and (3, 300, 25, 2): a forward pass without
gradients and a training step (forward, cross entropy, backward). Every round runs every mode once, so that
other load on the machine affects all of them the same way. Prints medians, clips per second, and the median
over the rounds of the ratio to the oracle.

Modes: ``oracle`` (fp32, from the tests), ``fp32``, ``bf16`` (autocast), ``folded`` (batch norms folded,
inference), ``folded-bf16``, ``compile`` and ``compile-bf16`` (``torch.compile``; compiled before the first
round).

``--clock cpu`` counts processor time instead of wall-clock time: for a machine that others use, together with
``OMP_WAIT_POLICY=passive``.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from mmactrep.arguments import BATCH, COUNT, THREADS, plain_errors, whole_number

if TYPE_CHECKING:
    from torch import Tensor, nn

ORACLE = Path(__file__).resolve().parents[2] / 'tests' / 'helpers' / 'unik_oracle.py'
SHAPES = ((2, 150, 17, 1), (2, 150, 17, 2), (3, 300, 25, 2))
MODES = ('oracle', 'fp32', 'bf16', 'folded', 'folded-bf16', 'compile', 'compile-bf16')
NUM_CLASSES = 60


def build_classifier(**kwargs) -> nn.Module:
    """UNIK, pooling, and a linear classifier: clips (N, M, T, V, C) to scores."""
    from torch import nn

    from mmactrep.models import UNIK

    class Classifier(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.backbone = UNIK(**kwargs)
            self.fc = nn.Linear(self.backbone.out_channels, NUM_CLASSES)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc(self.backbone.sequence_features(x))

    return Classifier()


def load_oracle() -> type[nn.Module]:
    """The oracle of the tests.

    Raises:
        FileNotFoundError: If the tests are absent.
    """
    if not ORACLE.is_file():
        raise FileNotFoundError(f'the oracle is part of the tests, and {ORACLE} is absent: run in a checkout')
    spec = importlib.util.spec_from_file_location('unik_oracle', ORACLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.OracleUNIK


def build_modes(modes: list[str], shape: tuple[int, int, int, int], device: str) -> dict[str, nn.Module]:
    """One network per mode, for clips of ``shape`` (C, T, V, M)."""
    import torch

    from mmactrep.models.layers import fold_for_inference

    kwargs = dict(in_channels=shape[0], num_joints=shape[2], num_person=shape[3])
    ours = build_classifier(**kwargs).to(device)
    networks = {}
    for mode in modes:
        if mode == 'oracle':
            networks[mode] = load_oracle()(num_classes=NUM_CLASSES, **kwargs).to(device)
        elif mode.startswith('folded'):
            networks[mode] = fold_for_inference(ours)
        else:
            networks[mode] = torch.compile(ours) if mode.startswith('compile') else ours
    return networks


def step(network: nn.Module, x: Tensor, labels: Tensor, autocast: bool, train: bool) -> Tensor:
    """One forward pass or one training step; returns the sum of the scores or the loss."""
    import torch

    with torch.set_grad_enabled(train), torch.autocast(x.device.type, torch.bfloat16, enabled=autocast):
        scores = network(x)
    if not train:
        return scores.sum()
    loss = torch.nn.functional.cross_entropy(scores.float(), labels)
    network.zero_grad(set_to_none=False)
    loss.backward()
    return loss


def measure(
    networks: dict[str, nn.Module], x: Tensor, train: bool, rounds: int, clock: Callable[[], float]
) -> dict[str, list[float]]:
    """Seconds per round of every mode; the networks take turns."""
    import torch

    labels = torch.arange(len(x), device=x.device) % NUM_CLASSES
    seconds = {mode: [] for mode in networks}
    for round_ in range(-1, rounds):  # the first warms up (and compiles)
        for mode, network in networks.items():
            network.train(train)
            start = clock()
            step(network, x, labels, 'bf16' in mode, train)
            if x.is_cuda:
                torch.cuda.synchronize()
            if round_ >= 0:
                seconds[mode].append(clock() - start)
    return seconds


def report(seconds: dict[str, list[float]], clips: int) -> str:
    """One line per mode: median time, clips per second, median ratio to the oracle."""
    lines = []
    for mode, values in seconds.items():
        ratio = ''
        if 'oracle' in seconds:
            ratios = [base / value for base, value in zip(seconds['oracle'], values)]
            ratio = f'  {statistics.median(ratios):6.2f} x oracle  ({min(ratios):.2f} to {max(ratios):.2f})'
        median = statistics.median(values)
        lines.append(f'    {mode:13s} {median * 1e3:9.1f} ms  {clips / median:8.1f} clips/s{ratio}')
    return '\n'.join(lines)


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--modes', nargs='+', choices=MODES, default=list(MODES[:5]))
    parser.add_argument(
        '--shapes',
        nargs='+',
        type=whole_number(0, len(SHAPES) - 1),
        default=[0, 1, 2],
        help='indices of the shapes',
    )
    parser.add_argument('--phases', nargs='+', choices=['forward', 'train'], default=['forward', 'train'])
    parser.add_argument('--batch-size', type=BATCH, help='clips (16 over the persons; 4 for 300 frames)')
    parser.add_argument('--rounds', type=COUNT, default=5)
    parser.add_argument('--threads', type=THREADS, help="PyTorch's threads")
    parser.add_argument('--clock', choices=['wall', 'cpu'], default='wall')
    parser.add_argument('--device', default='cpu')
    args = parser.parse_args(argv)

    import torch

    if args.threads:
        torch.set_num_threads(args.threads)
    if 'oracle' in args.modes:
        load_oracle()  # its absence is reported before anything is measured
    clock = time.process_time if args.clock == 'cpu' else time.perf_counter
    print(f'torch {torch.__version__}, {torch.get_num_threads()} threads, {args.device}, {args.clock} time')
    for shape in (SHAPES[k] for k in args.shapes):
        torch.manual_seed(0)
        channels, length, joints, persons = shape
        clips = args.batch_size or max(16 * 150 // length // persons, 1)
        x = torch.randn(clips, persons, length, joints, channels, device=args.device)
        for train in (phase == 'train' for phase in args.phases):
            modes = [mode for mode in args.modes if not (train and mode.startswith('folded'))]
            seconds = measure(build_modes(modes, shape, args.device), x, train, args.rounds, clock)
            kind = 'training step' if train else 'forward'
            print(f'(C, T, V, M) = {shape}, {clips} clips, {kind}\n{report(seconds, clips)}', flush=True)
    return 0


if __name__ == '__main__':
    sys.exit(main())
