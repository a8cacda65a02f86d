"""Draw how a trained UNIK relates joints (Fig. 3.9): dependency matrices W_i and attention maps A_i.

    python tools/analysis/plot_dependencies.py CONFIG CHECKPOINT [--clips 0 7] [--blocks 1 4 7 10] [--out OUT]

Writes OUT/dependencies.png, one row per block and one column per head, and OUT/attention_CLIP.png for every
clip in --clips (by default the first of the config's test split). Rows of a matrix are source joints, columns
target joints. Without the data set, ``--layout NAME --clips`` draws only the dependency matrices.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mmactrep.arguments import INDEX, add_config_options, add_overlay_argument, plain_errors, whole_number
from mmactrep.errors import InferenceError
from mmactrep.structures import get_layout

if TYPE_CHECKING:
    import torch
    from matplotlib.figure import Figure
    from mmengine.config import Config

    from mmactrep.models import UNIK


def node_names(joints: Sequence[str], window_size: int = 1) -> list[str]:
    """Names of the τ·V nodes of a window: the joints, with the offset of their frame if τ > 1."""
    joints = [joint.replace('_', ' ') for joint in joints]
    if window_size == 1:
        return joints
    before = (window_size - 1) // 2
    return [f'{joint} {k - before:+d}' for k in range(window_size) for joint in joints]


def draw_matrices(
    rows: Sequence[np.ndarray], row_titles: Sequence[str], names: Sequence[str], title: str, signed: bool
) -> Figure:
    """Draw matrices (heads, V, V), one row of pictures each, with the joints' names on the axes.

    Every row has its own color scale, as the blocks of a network differ by orders of magnitude.

    Args:
        rows (Sequence[np.ndarray]): Matrices (heads, V, V); row = source, column = target joint.
        row_titles (Sequence[str]): One title per row.
        names (Sequence[str]): V joint names.
        title (str): Title of the figure.
        signed (bool): Whether values are around 0 (dependencies) or positive (attention).

    Returns:
        Figure: The figure.

    Raises:
        InferenceError: If the names do not fit the matrices.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    heads, nodes = rows[0].shape[:2]
    if len(names) != nodes:
        raise InferenceError(f'the network has {nodes} joints, but the layout names {len(names)}')
    size = max(0.14 * nodes, 2.2)
    figure = Figure(
        figsize=((size + 0.4) * heads + 2.2, (size + 0.5) * len(rows) + 1.9), layout='constrained'
    )
    FigureCanvasAgg(figure)
    figure.suptitle(title)
    axes = figure.subplots(len(rows), heads, squeeze=False, sharex=True, sharey=True)
    for line, matrices, row_title in zip(axes, rows, row_titles):
        top = float(np.abs(matrices).max()) or 1.0
        low, colors = (-top, 'RdBu_r') if signed else (0.0, 'viridis')
        for head, (place, matrix) in enumerate(zip(line, matrices)):
            picture = place.imshow(matrix, vmin=low, vmax=top, cmap=colors, interpolation='nearest')
            place.set_title(f'{row_title}, head {head + 1}', fontsize=8)
        bar = figure.colorbar(picture, ax=list(line), fraction=0.03, pad=0.01)
        bar.ax.tick_params(labelsize=6)
    for place in axes[-1]:
        place.set_xticks(range(nodes), names, rotation=90, fontsize=6)
        place.set_xlabel('target joint', fontsize=7)
    for place in axes[:, 0]:
        place.set_yticks(range(nodes), names, fontsize=6)
        place.set_ylabel('source joint', fontsize=7)
    return figure


def main_blocks(backbone: UNIK, numbers: Sequence[int] | None) -> list[int]:
    """Indices of blocks given by number; by default four spread over the depth.

    Raises:
        InferenceError: If there is no such block.
    """
    count = len(backbone.blocks)
    if not numbers:
        return sorted({*np.linspace(0, count - 1, min(count, 4)).round().astype(int).tolist()})
    wrong = [number for number in numbers if not 1 <= number <= count]
    if wrong:
        raise InferenceError(f'--blocks {wrong}: the network has blocks 1 to {count}')
    return [number - 1 for number in numbers]


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help='config with a UNIK backbone')
    parser.add_argument('checkpoint', help='checkpoint file')
    add_overlay_argument(parser)
    parser.add_argument(
        '--clips',
        type=INDEX,
        nargs='*',
        default=[0],
        help='clips of the test split, by row (%(default)s)',
    )
    parser.add_argument(
        '--blocks',
        type=whole_number(1, 1000),
        nargs='+',
        help='blocks, from 1 (default: four spread over the depth)',
    )
    parser.add_argument('--layout', help="layout that names the joints (default: the data set's)")
    parser.add_argument('--out', default='dependencies', help='folder to write (%(default)s)')
    add_config_options(parser)
    return parser.parse_args(argv)


def plot(cfg: Config, args: argparse.Namespace) -> list[Path]:
    """Draw the figures; returns the files."""
    import torch
    from mmengine.registry import init_default_scope

    from mmactrep.engine.checkpoints import load_weights, read_checkpoint
    from mmactrep.engine.runner import build_model, building
    from mmactrep.models import UNIK
    from mmactrep.registry import DATASETS

    init_default_scope(cfg.get('default_scope', 'mmactrep'))
    model = build_model(cfg, args.config).eval()
    backbone = getattr(model, 'backbone', model)
    if not isinstance(backbone, UNIK):
        raise InferenceError(f'{args.config}: expected a UNIK backbone, found {type(backbone).__name__}')
    load_weights(model, read_checkpoint(args.checkpoint)['state_dict'], args.checkpoint, args.config)
    dataset = None
    if args.clips or not args.layout:
        with building(f'{args.config}: test_dataloader'):
            dataset = DATASETS.build(cfg.test_dataloader.dataset)
    beyond = [clip for clip in args.clips if clip >= len(dataset)]
    if beyond:
        raise InferenceError(f'--clips {beyond}: the test split has {len(dataset)} clips')
    layout = get_layout(args.layout or dataset.metainfo['layout'])
    names = node_names(layout.joints, backbone.blocks[0].spatial.window_size)
    blocks = main_blocks(backbone, args.blocks)
    titles = [f'block {k + 1}' for k in blocks]
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)

    def save(maps: Sequence[torch.Tensor], name: str, title: str, signed: bool) -> Path:
        rows = [maps[k].numpy() for k in blocks]
        draw_matrices(rows, titles, names, title, signed).savefig(out / name, dpi=150)
        return out / name

    files = [save(backbone.dependency_matrices, 'dependencies.png', 'Dependency matrices', True)]
    for clip in args.clips:
        sample = dataset[clip]
        with torch.no_grad():
            # (clips, M, T, V, C): the first test-time crop, the first person
            maps = [attention[0] for attention in backbone.attention_maps(sample['inputs'][:1].float())]
        files.append(save(maps, f'attention_{clip}.png', f'Attention maps, clip {clip}', False))
    return files


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    args = parse_args(argv)

    from mmactrep.engine.composed_config import compose_config

    files = plot(compose_config(args.config, args.overlays, args.cfg_options), args)
    print('\n'.join(map(str, files)))
    return 0


if __name__ == '__main__':
    sys.exit(main())
