"""Choose the learning rate and the length of a training on a part of its training split.

    python tools/analysis/choose_schedule.py configs/lac/lac_unik_penn_2d_finetune_5percent.py \\
        --load-from checkpoints/lac_unik_penn_2d.pth --rates 0.02 0.05 0.1 0.2 --epochs 75 --longest 600

Trains with every rate, without the part that is held out, and validates on that part at the end. The better
rates are tried at the next length, until a longer training no longer gains. Each seed holds out another part.
Prints rate, epochs and the validation metric of the best (mean over the seeds). The test split is never read.
Finished trainings are not repeated.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

from mmactrep.arguments import (
    COUNT,
    SEED,
    add_config_options,
    add_holdout_arguments,
    add_overlay_argument,
    number,
    plain_errors,
)
from mmactrep.errors import UserError

TRAIN = Path(__file__).resolve().parents[1] / 'train.py'


class TrialError(UserError):
    """A training of the grid failed."""


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help='config to train')
    add_overlay_argument(parser)
    parser.add_argument('--load-from', metavar='CHECKPOINT', help='start from these weights')
    parser.add_argument(
        '--rates',
        nargs='+',
        type=number(0, 1000, above=True),
        default=[0.02, 0.05, 0.1, 0.2],
        help='learning rates (%(default)s)',
    )
    parser.add_argument(
        '--epochs', nargs='+', type=COUNT, help='lengths (default: that of the config, and twice that)'
    )
    parser.add_argument('--longest', type=COUNT, help='continue by doubling the length, up to this one')
    parser.add_argument(
        '--keep', type=COUNT, default=2, help='rates that are tried at the next length (%(default)s)'
    )
    parser.add_argument('--seeds', nargs='+', type=SEED, default=[0], help='seeds (default: 0)')
    parser.add_argument('--metric', help="metric, higher is better (default: the config's save_best)")
    parser.add_argument('--amp', action='store_true', help='bfloat16 autocast')
    parser.add_argument('--work-dir', type=Path, help='default: work_dirs/choose_schedule/CONFIG[+OVERLAY]')
    add_holdout_arguments(parser, 0.2)
    add_config_options(parser)
    return parser.parse_args(argv)


def train_options(args: argparse.Namespace, rate: float, epochs: int) -> list[str]:
    """``--cfg-options`` of a training: those given, the rate, one validation and checkpoint, at the end."""
    options = dict(args.cfg_options)
    options['optim_wrapper.optimizer.lr'] = rate
    options['train_cfg.val_interval'] = options['default_hooks.checkpoint.interval'] = epochs
    return [f'{key}={value}' for key, value in options.items()]


def run_trial(
    args: argparse.Namespace, folder: Path, metric: str, rate: float, epochs: int, seed: int
) -> float:
    """The metric of one training, from its result file if it was run before with the same command.

    Raises:
        TrialError: If the training fails.
    """
    own = folder / f'rate_{rate:g}_epochs_{epochs}_seed_{seed}'
    command = [args.config, *(['--with', *args.overlays] if args.overlays else [])]
    command += ['--load-from', args.load_from] if args.load_from else []
    command += ['--amp'] if args.amp else []
    command += ['--epochs', str(epochs), '--seed', str(seed)]
    command += ['--holdout', str(args.holdout), '--holdout-seed', str(args.holdout_seed + seed)]
    command += ['--holdout-groups', args.holdout_groups] if args.holdout_groups else []
    command += ['--holdout-cameras', str(args.holdout_cameras)] if args.holdout_cameras else []
    command += ['--cfg-options', *train_options(args, rate, epochs)]
    file = own / 'trial.json'
    if file.is_file():
        known = json.loads(file.read_text(encoding='utf-8'))
        if known['command'] == command and known['metric'] == metric:
            return known['value']
    from mmactrep.engine.run_figures import last_logged

    shutil.rmtree(own, ignore_errors=True)
    own.mkdir(parents=True)
    done = subprocess.run(
        [sys.executable, str(TRAIN), *command, '--work-dir', str(own / 'run')],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors='backslashreplace',
    )
    (own / 'log.txt').write_text(done.stdout, encoding='utf-8')
    if done.returncode:
        raise TrialError(
            f'the training with rate {rate:g} failed: {done.stdout.strip()[-500:]} (log {own}/log.txt)'
        )
    value = last_logged(own / 'run', metric)
    shutil.rmtree(own / 'run')
    file.write_text(json.dumps(dict(command=command, metric=metric, value=value)), encoding='utf-8')
    return value


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    args = parse_args(argv)

    from mmactrep.engine.composed_config import compose_config, config_name
    from mmactrep.engine.config_files import ConfigError
    from mmactrep.engine.schedule_choice import choose_schedule

    cfg = compose_config(args.config, args.overlays, args.cfg_options)
    metric = args.metric or cfg.default_hooks.checkpoint.get('save_best')
    if not metric or metric == 'auto':
        raise ConfigError(f'{args.config}: its checkpoints have no save_best: name the metric with --metric')
    epochs = args.epochs or [cfg.train_cfg.max_epochs, 2 * cfg.train_cfg.max_epochs]
    folder = args.work_dir or Path('work_dirs/choose_schedule', config_name(args.config, args.overlays))

    def run(rate: float, length: int, seed: int) -> float:
        value = run_trial(args, folder, metric, rate, length, seed)
        print(f'rate {rate:g}, {length} epochs, seed {seed}: {metric} {value:.4f}', flush=True)
        return value

    choice = choose_schedule(run, args.rates, epochs, args.seeds, args.longest, args.keep)
    for trial in choice.trials:
        print(f'rate {trial.rate:g}, {trial.epochs} epochs: mean {trial.mean:.4f} of {len(trial.values)}')
    for warning in choice.warnings(args.rates):
        print(f'warning: {warning}')
    print(f'rate: {choice.best.rate:g}')
    print(f'epochs: {choice.best.epochs}')
    print(f'validation: {choice.best.mean:.4f}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
