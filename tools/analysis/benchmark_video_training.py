"""Clips per second of a pre-training on videos, stage by stage, beside mmaction2's training of its network.

    python tools/analysis/benchmark_video_training.py configs/ltn/ltn_utd-mhad_depth.py [CONFIG ...]
    python tools/analysis/benchmark_video_training.py configs/ltn/ltn_kinetics400_rgb.py --device cuda:0 \
        --precision bf16 --batch-size 16

For each config: loading (its own pipeline, on its own videos; ``--no-loading`` leaves it out), and on random
clips of the same shape the forward pass of the loss (query, keys of the momentum encoder, queue), its
backward pass and the step of the optimizer. Beside it stands mmaction2's ``Recognizer3D`` with ``I3DHead`` on
the same backbone and preprocessing, on the same number of clips: a training with labels, which looks at every
clip with a gradient. All take turns in every round, so that other load on the machine affects all of them.
``--clock cpu`` counts processor time (use it with ``OMP_WAIT_POLICY=passive``), for a machine that others
use.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from mmactrep.arguments import (
    BATCH,
    COUNT,
    THREADS,
    add_config_options,
    add_overlay_argument,
    plain_errors,
    whole_number,
)
from mmactrep.errors import UserError

if TYPE_CHECKING:
    import torch
    from mmengine.config import Config

STAGES = ('forward', 'backward', 'step')
DTYPES = dict(fp32=None, bf16='bfloat16')


class NoVideoConfigError(UserError, ValueError):
    """A config that does not pre-train on videos."""


class Stages:
    """A model on one batch, whose training step is timed by stages.

    Args:
        name: Its name in the table.
        model: The model.
        inputs: (N, num_clips, 3, T, H, W) uint8 clips.
        samples: Data samples.
        dtype: Precision of the forward pass, None for single precision.
        clock: Seconds of some clock.
    """

    def __init__(
        self,
        name: str,
        model: torch.nn.Module,
        inputs: torch.Tensor,
        samples: list,
        dtype: torch.dtype | None,
        clock: Callable[[], float],
    ) -> None:
        import torch

        self.name, self.model, self.dtype, self.clock = name, model.train(), dtype, clock
        self.inputs, self.samples = inputs, samples
        trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
        self.optimizer = torch.optim.SGD(trained, lr=1e-4, momentum=0.9)
        self.seconds: dict[str, list[float]] = {stage: [] for stage in STAGES}

    def run(self, keep: bool) -> None:
        """One training step; its times are kept or not."""
        import torch

        marks = [self._now()]
        data = dict(inputs=list(self.inputs), data_samples=self.samples)
        data = self.model.data_preprocessor(data, True)
        with torch.autocast(self.inputs.device.type, self.dtype, enabled=self.dtype is not None):
            loss, _ = self.model.parse_losses(self.model(**data, mode='loss'))
        marks.append(self._now())
        self.optimizer.zero_grad()
        loss.backward()
        marks.append(self._now())
        self.optimizer.step()
        marks.append(self._now())
        if keep:
            for stage, begin, end in zip(STAGES, marks, marks[1:]):
                self.seconds[stage].append(end - begin)

    def _now(self) -> float:
        import torch

        if self.inputs.is_cuda:
            torch.cuda.synchronize()
        return self.clock()

    def rates(self) -> dict[str, float]:
        """Clips per second of forward and backward pass, and of the whole training step."""
        clips = self.inputs.shape[0] * self.inputs.shape[1]
        medians = {stage: statistics.median(values) for stage, values in self.seconds.items()}
        medians['training'] = sum(medians.values())
        return {name: clips / value for name, value in medians.items()}


def make_stages(cfg: Config, args: argparse.Namespace, clock: Callable[[], float]) -> list[Stages]:
    """The pre-training of a config, and mmaction2's training of its network.

    Raises:
        NoVideoConfigError: If the config does not pre-train on videos.
    """
    import torch
    from mmaction.structures import ActionDataSample

    from mmactrep import compat
    from mmactrep.engine.runner import build_model
    from mmactrep.models.pretrainers import VideoFeatures
    from mmactrep.registry import MODELS

    model = build_model(cfg, cfg.filename)
    if not isinstance(model, VideoFeatures):
        raise NoVideoConfigError(
            f'{cfg.filename}: expected a pre-training on videos, found {type(model).__name__}'
        )
    pipeline = cfg.train_dataloader.dataset.pipeline
    length = args.length or pipeline.sample.length
    size = args.size or pipeline.crop.size
    count = args.batch_size or cfg.train_dataloader.batch_size
    views = 1 + model.num_positives
    dtype = DTYPES[args.precision] and getattr(torch, DTYPES[args.precision])
    if dtype is not None:
        compat.accept_bfloat16_scores()
    clips = torch.randint(0, 256, (count, views, 3, length, size, size), dtype=torch.uint8)
    start = 10 * torch.rand(count, views)
    times = torch.stack([start, start + 2, torch.full_like(start, 2)], dim=2).numpy()
    samples = [
        ActionDataSample(metainfo=dict(sample_idx=i, frame_dir=f'clip {i}', clip_times=times[i]))
        for i in range(count)
    ]
    plain = MODELS.build(
        dict(
            type='Recognizer3D',
            backbone=cfg.model.backbone,
            cls_head=dict(type='I3DHead', num_classes=400, in_channels=model.neck.in_channels),
            data_preprocessor=cfg.model.data_preprocessor,
        )
    )
    labelled = [ActionDataSample().set_gt_label(i % 400).to(args.device) for i in range(count * views)]
    name = Path(cfg.filename).stem
    device = clips.to(args.device)
    made = [
        Stages(name, model.to(args.device), device, samples, dtype, clock),
        Stages(
            'mmaction2, its network',
            plain.to(args.device),
            device.flatten(0, 1)[:, None],
            labelled,
            dtype,
            clock,
        ),
    ]
    for each in made:
        each.model.init_weights()
    return made


def loading_rate(cfg: Config, args: argparse.Namespace, clock: Callable[[], float]) -> float:
    """Clips per second through the config's own pipeline, in this process."""
    from mmactrep.registry import DATASETS

    dataset = DATASETS.build(cfg.train_dataloader.dataset)
    count = min(args.videos, len(dataset))
    clips, begin = 0, clock()
    for row in range(count):
        clips += len(dataset[row]['inputs'])
    return clips / (clock() - begin)


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('configs', nargs='+', help='configs of pre-trainings on videos')
    add_overlay_argument(parser)
    parser.add_argument('--batch-size', type=BATCH, help='videos of a step (default: of the config)')
    parser.add_argument(
        '--length', type=whole_number(1, 1000), help='frames of a clip (default: of the config)'
    )
    parser.add_argument(
        '--size', type=whole_number(1, 4096), help='pixels of a clip (default: of the config)'
    )
    parser.add_argument('--rounds', type=COUNT, default=5, help='%(default)s')
    parser.add_argument('--videos', type=COUNT, default=50, help='videos to load (%(default)s)')
    parser.add_argument(
        '--no-loading', action='store_true', help='measure no loading: the videos are not there'
    )
    parser.add_argument('--precision', choices=list(DTYPES), default='bf16', help='%(default)s')
    parser.add_argument('--threads', type=THREADS, help="PyTorch's threads")
    parser.add_argument('--clock', choices=['wall', 'cpu'], default='wall', help='%(default)s')
    parser.add_argument('--device', default='cpu', help='cpu, cuda:0, ... (%(default)s)')
    add_config_options(parser)
    args = parser.parse_args(argv)

    import torch
    from mmengine.logging import MMLogger
    from mmengine.registry import init_default_scope

    from mmactrep.engine.composed_config import compose_config

    MMLogger.get_current_instance().setLevel('WARNING')
    if args.threads:
        torch.set_num_threads(args.threads)
    clock = time.process_time if args.clock == 'cpu' else time.perf_counter
    cfgs = [compose_config(path, args.overlays, args.cfg_options) for path in args.configs]
    init_default_scope('mmactrep')
    pairs = [make_stages(cfg, args, clock) for cfg in cfgs]
    for round_ in range(-1, args.rounds):
        for each in (each for pair in pairs for each in pair):
            each.run(keep=round_ >= 0)
    place = torch.cuda.get_device_name(args.device) if args.device.startswith('cuda') else args.device
    threads = torch.get_num_threads()
    print(
        f'torch {torch.__version__}, {threads} threads, {place}, {args.precision}, {args.clock} time; clips/s'
    )
    print(f'{"":42}{"N x clips":>11}{"loading":>9}{"forward":>9}{"backward":>9}{"training":>9}{"ratio":>7}')
    for cfg, pair in zip(cfgs, pairs):
        plain = pair[1].rates()['training']
        for each in pair:
            rates = each.rates()
            loads = each is pair[0] and not args.no_loading
            loading = f'{loading_rate(cfg, args, clock):.1f}' if loads else '-'
            clips = 'x'.join(map(str, each.inputs.shape[:2]))
            row = f'{each.name:42}{clips:>11}{loading:>9}'
            row += ''.join(f'{rates[name]:9.1f}' for name in ('forward', 'backward', 'training'))
            print(f'{row}{rates["training"] / plain:7.2f}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
