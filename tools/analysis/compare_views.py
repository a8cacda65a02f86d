"""What an encoder meets only in pre-training: generated clips beside real ones, in numbers.

    python tools/analysis/compare_views.py configs/lac/lac_unik_penn_2d.py

Takes training clips of a pre-training config, has its composer generate from them, and prints medians over
the clips: how far the box extends, and, as shares of the body's size, the movement of the pose, its change
from frame to frame and the length of the root's path; the roughness of movement (near 0: smooth, 1.7: noise);
and the share of missing joints. Where a column differs from the first, the encoder can tell generated clips
from real ones, and what it learns about them is of less use.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from mmactrep.arguments import COUNT, SEED, add_config_options, add_overlay_argument, plain_errors

if TYPE_CHECKING:
    from mmengine.config import Config
    from torch import Tensor

    from mmactrep.models.pretrainers import BasePretrainer


def views_of(model: BasePretrainer, clips: Tensor) -> dict[str, Tensor]:
    """The kinds of clips that a pre-training shows, by name, each (N, M, T, V, C).

    Args:
        model: Pre-trainer, with a composer or without.
        clips: A batch (N, M, T, V, C).
    """
    views = dict(real=clips)
    composer = getattr(model, 'composer', None)
    if composer is not None:
        settings = composer.num_motions, composer.original_fraction
        composer.num_motions, composer.original_fraction = 1, 0.0
        views['regenerated'] = composer(clips, 1).query
        composer.num_motions = settings[0]
        composed = composer(clips, 1)
        views |= {'composed': composed.query, 'composed, other static': composed.keys[:, 0]}
        composer.num_motions, composer.original_fraction = settings
    if model.augmentation is not None:
        views |= {
            f'{name}, augmented': model.augmentation(views[name])
            for name in ('real', 'composed')
            if name in views
        }
    return views


def table(found: dict[str, list]) -> str:
    """Medians of :class:`~mmactrep.evaluation.functional.ClipStatistics`: a row a kind of clip."""
    from mmactrep.evaluation.functional import median_statistics

    medians = {name: median_statistics(statistics) for name, statistics in found.items()}
    names = next(iter(medians.values()))._fields
    lines = [f'{"clips":26}' + ''.join(f'{name:>11}' for name in names)]
    lines += [
        f'{kind:26}' + ''.join(f'{value:11.4f}' for value in values) for kind, values in medians.items()
    ]
    return '\n'.join(lines)


def compare(cfg: Config, name: str, count: int, seed: int, device: str) -> dict[str, list]:
    """Statistics of every kind of clip.

    Args:
        cfg: A config of pre-training.
        name: Its name, for messages.
        count: Clips, at least; they come in the batches of the training.
        seed: Of the draw, of composition and augmentation.
        device: Device of the generator.

    Raises:
        ConfigError: If the config is not of pre-training.
    """
    import torch
    from mmengine.runner import Runner

    from mmactrep.engine.config_files import ConfigError
    from mmactrep.engine.runner import build_model
    from mmactrep.evaluation.functional import clip_statistics
    from mmactrep.models.pretrainers import BasePretrainer

    model = build_model(cfg, name)
    if not isinstance(model, BasePretrainer):
        raise ConfigError(f'{name}: expected a config of pre-training, found {type(model).__name__}')
    model = model.to(device).eval()
    settings = dict(cfg.train_dataloader, num_workers=0, persistent_workers=False)
    loader = Runner.build_dataloader(settings, seed)
    loader.dataset.set_seed_and_epoch(seed, 0)
    generates = hasattr(model, 'composer')
    layout = model.composer.generator.layout if generates else loader.dataset.store.layout
    found: dict[str, list] = {}
    torch.manual_seed(seed)
    for batch in loader:
        batch = model.data_preprocessor(batch, False)
        with torch.no_grad():
            views = views_of(model, batch['inputs'][:, 0])
        for kind, clips in views.items():
            clips = clips.cpu().numpy()
            found.setdefault(kind, []).extend(clip_statistics(clip, layout) for clip in clips if clip.any())
        if len(found['real']) >= count:
            break
    return found


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help='config of pre-training')
    add_overlay_argument(parser)
    parser.add_argument('--checkpoint', help="checkpoint of the generator (default: the config's)")
    parser.add_argument('--clips', type=COUNT, default=256, help='clips, at least (%(default)s)')
    parser.add_argument('--seed', type=SEED, default=0, help='seed of all draws (%(default)s)')
    parser.add_argument('--device', default='cpu', help='cpu, cuda:0, ... (%(default)s)')
    add_config_options(parser)
    args = parser.parse_args(argv)

    from mmengine.registry import init_default_scope

    from mmactrep.engine.composed_config import compose_config
    from mmactrep.engine.config_files import ConfigError

    cfg = compose_config(args.config, args.overlays, args.cfg_options)
    init_default_scope(cfg.get('default_scope', 'mmactrep'))
    if args.checkpoint:
        if 'composer' not in cfg.get('model', {}):
            raise ConfigError(f'{args.config}: it generates nothing, so --checkpoint has no use')
        cfg.model.composer.generator = dict(type='TrainedGenerator', checkpoint=args.checkpoint)
    print(table(compare(cfg, args.config, args.clips, args.seed, args.device)))
    return 0


if __name__ == '__main__':
    sys.exit(main())
