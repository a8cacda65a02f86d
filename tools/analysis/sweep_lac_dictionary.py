"""The sizes J and K of LAC's dictionary (thesis, Table 4.6): one training each, one table.

    python tools/analysis/sweep_lac_dictionary.py configs/lac/lac_generator_synthetic_2d.py
    python tools/analysis/sweep_lac_dictionary.py configs/lac/lac_generator_mixamo_2d.py --num-motion 64 128

Each size is trained and tested in WORK_DIR/J<J>, and its figures are kept in results.json there. A size with
existing results is not trained again, and an interrupted training resumes. ``--baseline CONFIG`` adds a row,
for example the two-encoder form.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mmactrep.arguments import add_config_options, plain_errors, whole_number
from mmactrep.files import read_json

if TYPE_CHECKING:
    from mmengine.config import Config

SIZES = (16, 32, 64, 128, 144)
_COLUMNS = ('mse', 'mse_pose', 'motion_code_change', 'static_code_change')


def config_of(path: str, work_dir: Path, options: dict, num_motion: int | None = None) -> Config:
    """The config of one row.

    Args:
        path: Config of a generator.
        work_dir: Work folder of the row's training.
        options: As ``--cfg-options``.
        num_motion: J. Default: as in the config.
    """
    from mmactrep.engine.checkpoints import find_last_whole_checkpoint
    from mmactrep.engine.composed_config import compose_config

    cfg = compose_config(path, options=options)
    cfg.work_dir = str(work_dir)
    if num_motion is not None:
        cfg.model.generator.num_motion = num_motion
    checkpoint = find_last_whole_checkpoint(work_dir)
    if checkpoint is not None:
        cfg.resume, cfg.load_from = True, str(checkpoint)
    return cfg


def train_and_test(cfg: Config) -> dict[str, float]:
    """Figures of one row: those of ``RetargetingMetric`` after the last epoch.

    The results are written to the work folder; existing ones are read and nothing is run.
    """
    from mmengine.runner import Runner

    file = Path(cfg.work_dir, 'results.json')
    if file.is_file():
        return read_json(file)
    cfg.experiment_name = f'{Path(cfg.filename).stem}_{Path(cfg.work_dir).name}'
    runner = Runner.from_cfg(cfg)
    runner.train()
    found = {name.split('/')[-1]: value for name, value in runner.test().items()}
    file.write_text(json.dumps(found, indent=2) + '\n')
    return found


def table(rows: dict[str, dict[str, float]]) -> str:
    """A Markdown table of the rows, after those of the copying baselines."""
    first = next(iter(rows.values()))
    copies = {
        f'copying the {kind}': dict(mse=first[f'copy_{kind}'], mse_pose=first[f'copy_{kind}_pose'])
        for kind in ('source', 'static')
    }
    lines = ['| model | ' + ' | '.join(_COLUMNS) + ' |', '|---' * (len(_COLUMNS) + 1) + '|']
    for name, values in (copies | rows).items():
        cells = [f'{values[column]:.4g}' if column in values else '' for column in _COLUMNS]
        lines.append(f'| {name} | ' + ' | '.join(cells) + ' |')
    return '\n'.join(lines)


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help="config of LAC's generator")
    parser.add_argument(
        '--num-motion',
        type=whole_number(1, 4096),
        nargs='*',
        default=SIZES,
        metavar='J',
        help='(%(default)s)',
    )
    parser.add_argument('--baseline', nargs='*', default=[], metavar='CONFIG', help='further rows')
    parser.add_argument('--work-dir', type=Path, help='default: work_dirs/sweep_CONFIG')
    add_config_options(parser)
    args = parser.parse_args(argv)
    if not args.num_motion and not args.baseline:
        parser.error('no size and no baseline: there is nothing to train')

    from mmactrep.engine.composed_config import compose_config
    from mmactrep.engine.config_files import ConfigError

    root = args.work_dir or Path('work_dirs', f'sweep_{Path(args.config).stem}')
    channels = compose_config(args.config).get('model', {}).get('generator', {}).get('code_channels')
    if channels is None:
        raise ConfigError(f'{args.config}: expected a config of a LAC generator, as configs/lac has')
    wrong = [j for j in args.num_motion if j >= channels]
    if wrong:
        raise ConfigError(f'--num-motion {wrong}: expected less than the {channels} code channels')
    rows = {}
    for path in args.baseline:
        rows[Path(path).stem] = train_and_test(config_of(path, root / Path(path).stem, args.cfg_options))
    for j in args.num_motion:
        cfg = config_of(args.config, root / f'J{j}', args.cfg_options, j)
        rows[f'LAC, J = {j}, K = {channels - j}'] = train_and_test(cfg)
    text = table(rows)
    (root / 'table.md').write_text(text + '\n')
    print(text)
    return 0


if __name__ == '__main__':
    sys.exit(main())
