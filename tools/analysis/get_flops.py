"""Parameters and FLOPs of the models of configs, for one clip as their test pipeline makes it.

One multiply-add counts as one FLOP, as in published tables and in ``mmengine.analysis``, which counts them.

    python tools/analysis/get_flops.py configs/unik/unik_penn_2d.py configs/stgcn/stgcn_penn_2d.py
    python tools/analysis/get_flops.py configs/unik/unik_ntu60-xsub_3d.py --shape 2 300 25 3 --table
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mmactrep.arguments import add_config_options, add_overlay_argument, plain_errors, whole_number

if TYPE_CHECKING:
    from mmengine.config import Config


def complexity(cfg: Config, shape: tuple[int, int, int, int] | None = None) -> dict:
    """Count the parameters and FLOPs of a config's model.

    Args:
        cfg (Config): A config of a skeleton recognizer.
        shape (tuple, optional): (M, T, V, C) of a clip. Default: as the config's test pipeline makes it.

    Returns:
        dict: ``shape``; ``params``; ``flops``, multiply-adds of one clip; ``modules``, rows
        (name, params, flops) of the modules down to the blocks.

    Raises:
        ConfigError: If the config is not one of a recognizer, or leaves the shape open.
    """
    import torch
    from mmengine.analysis import FlopAnalyzer, parameter_count
    from mmengine.registry import init_default_scope

    from mmactrep.engine.config_files import ConfigError
    from mmactrep.engine.runner import build_model
    from mmactrep.models.input_shape import model_input_shape

    init_default_scope(cfg.get('default_scope', 'mmactrep'))
    model = build_model(cfg, cfg.filename).eval()
    if not hasattr(model, 'extract_feat'):
        raise ConfigError(f'{cfg.filename}: expected a recognizer, found {type(model).__name__}')
    shape = shape or model_input_shape(cfg, model)
    model.forward = lambda clips: model.extract_feat(clips, stage='head')[0]
    flops = FlopAnalyzer(model, (torch.randn(1, 1, *shape),))
    flops.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    params, by_module = parameter_count(model), flops.by_module()
    names = [name for name in by_module if name and name.count('.') < 3 and by_module[name]]
    modules = [(name, params[name], by_module[name]) for name in names]
    return dict(shape=shape, params=params[''], flops=by_module[''], modules=modules)


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('configs', nargs='+', help='config files')
    add_overlay_argument(parser)
    parser.add_argument(
        '--shape', type=whole_number(1, 10**5), nargs=4, metavar=('M', 'T', 'V', 'C'), help='shape of a clip'
    )
    parser.add_argument('--table', action='store_true', help='also print the figures of the modules')
    add_config_options(parser)
    args = parser.parse_args(argv)

    from mmactrep.engine.composed_config import compose_config

    print(f'{"config":45s} {"M, T, V, C":>16s} {"params (M)":>11s} {"FLOPs (G)":>10s}')
    for path in args.configs:
        cfg = compose_config(path, args.overlays, args.cfg_options)
        found = complexity(cfg, tuple(args.shape) if args.shape else None)
        rows = [(Path(cfg.filename).name, found['params'], found['flops'])] + found['modules'] * args.table
        for name, params, flops in rows:
            shape = ', '.join(map(str, found['shape'])) if name == rows[0][0] else ''
            print(f'{name:45s} {shape:>16s} {params / 1e6:11.3f} {flops / 1e9:10.3f}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
