"""Convert MoveNet from TensorFlow.js to ONNX, or check converted files; ``tools/get_movenet.sh`` calls it.

    python tools/model_converters/convert_movenet.py SRC DST     # SRC/movenet-thunder.json ... to DST/*.onnx
    python tools/model_converters/convert_movenet.py --check DST # exit code 0 if all files there are right

It runs in an environment of its own, which has tf2onnx, TensorFlow and onnxruntime but not this package, and
so imports nothing of it. A model's outputs for a drawn figure are compared with those that TensorFlow.js gave
(``movenet_reference.json``); a file appears in DST only after that, under its final name in one step.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

REFERENCE = Path(__file__).with_name('movenet_reference.json')
MODELS = ('multipose', 'thunder', 'lightning')
OPSET = 17
#: Side of the figure's picture, as each model takes it.
SIZES = dict(multipose=256, thunder=256, lightning=192)
#: Most difference of an output to the stored one. The outputs are shares of the picture and scores; rounding
#: differs between processors, and the wrong weights or channels differ by far more.
TOLERANCE = 0.01

# Centers and radii of the figure's parts in shares of the picture: a person who stands with arms apart.
_SKIN, _SHIRT, _TROUSERS, _WALL, _FLOOR = (
    (224, 172, 140),
    (40, 80, 160),
    (60, 50, 45),
    (205, 205, 200),
    (150, 130, 110),
)
_HAIR, _EYES = (50, 35, 25), (30, 30, 40)
_PARTS = (
    # from, to, radius, color
    ((0.465, 0.52), (0.455, 0.70), 0.034, _TROUSERS),
    ((0.455, 0.70), (0.450, 0.87), 0.027, _TROUSERS),
    ((0.535, 0.52), (0.545, 0.70), 0.034, _TROUSERS),
    ((0.545, 0.70), (0.550, 0.87), 0.027, _TROUSERS),
    ((0.440, 0.895), (0.455, 0.885), 0.020, _HAIR),
    ((0.560, 0.895), (0.545, 0.885), 0.020, _HAIR),
    ((0.420, 0.31), (0.370, 0.43), 0.025, _SHIRT),
    ((0.580, 0.31), (0.630, 0.43), 0.025, _SHIRT),
    ((0.370, 0.43), (0.330, 0.53), 0.019, _SKIN),
    ((0.630, 0.43), (0.670, 0.53), 0.019, _SKIN),
    ((0.455, 0.32), (0.470, 0.50), 0.045, _SHIRT),
    ((0.545, 0.32), (0.530, 0.50), 0.045, _SHIRT),
    ((0.500, 0.31), (0.500, 0.50), 0.050, _SHIRT),
    ((0.500, 0.22), (0.500, 0.28), 0.024, _SKIN),
    ((0.500, 0.165), (0.500, 0.175), 0.052, _HAIR),
    ((0.500, 0.180), (0.500, 0.200), 0.044, _SKIN),
    ((0.482, 0.180), (0.484, 0.180), 0.006, _EYES),
    ((0.516, 0.180), (0.518, 0.180), 0.006, _EYES),
    ((0.488, 0.215), (0.512, 0.215), 0.005, (150, 70, 70)),
)


class ConversionError(Exception):
    """A file that is not what it should be; the message names it."""


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('folders', nargs='+', metavar='FOLDER', help='SRC and DST; with --check DST alone')
    parser.add_argument('--check', action='store_true', help='only check the files in DST')
    args = parser.parse_args(argv)
    if len(args.folders) != (1 if args.check else 2):
        parser.error('expected SRC and DST, or --check and DST')
    return args


def draw_figure(size: int) -> np.ndarray:
    """A drawn person, with numpy alone so that the picture is the same everywhere.

    Args:
        size: Side of the picture in pixels.

    Returns:
        (size, size, 3) uint8, RGB.
    """
    grid = (np.arange(size) + 0.5) / size
    x, y = np.meshgrid(grid, grid)
    picture = np.where((y < 0.8)[..., None], np.float64(_WALL), np.float64(_FLOOR))
    for start, end, radius, color in _PARTS:
        (x1, y1), (x2, y2) = start, end
        along = ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / ((x2 - x1) ** 2 + (y2 - y1) ** 2)
        along = np.clip(along, 0, 1)
        distance = np.hypot(x - x1 - along * (x2 - x1), y - y1 - along * (y2 - y1))
        share = np.clip((radius - distance) * size + 0.5, 0, 1)[..., None]
        picture = picture * (1 - share) + np.float64(color) * share
    return np.round(picture).astype(np.uint8)


def complete_graph(graph: dict) -> dict:
    """Add the two attributes that TensorFlow now asks for and the converter of TensorFlow.js left out.

    Args:
        graph: A TensorFlow.js graph model (the JSON file's content); it is not changed.

    Returns:
        The graph with ``TArgs``, ``num_args`` times float, on every fused convolution, and with
        ``index_type`` on every top-k.

    Raises:
        ConversionError: If it is not a graph model.
    """
    nodes = graph.get('modelTopology', {}).get('node') if isinstance(graph, dict) else None
    if not isinstance(nodes, list) or not nodes:
        raise ConversionError('expected a TensorFlow.js graph model, found no nodes')
    done = []
    for node in nodes:
        attributes = dict(node.get('attr', {}))
        if node.get('op') == '_FusedConv2D':
            count = int(attributes['num_args']['i'])
            attributes.setdefault('TArgs', dict(list=dict(type=['DT_FLOAT'] * count)))
        elif node.get('op') == 'TopKV2':
            attributes.setdefault('index_type', dict(type='DT_INT32'))
        done.append({**node, 'attr': attributes} if attributes else node)
    return {**graph, 'modelTopology': {**graph['modelTopology'], 'node': done}}


def convert(source: Path, target: Path) -> None:
    """Convert one graph model and check its outputs.

    Args:
        source: ``movenet-NAME.json`` with its weights beside it.
        target: The ONNX file; replaced in one step, and only by a checked file.

    Raises:
        ConversionError: If the source is missing or foreign, or the outputs differ from the stored ones.
    """
    name = source.stem.removeprefix('movenet-')
    try:
        graph = json.loads(source.read_text(encoding='utf-8'))
    except (OSError, ValueError) as error:
        raise ConversionError(f'{source}: {error}') from error
    completed = source.with_name(f'{name}-complete.json')
    completed.write_text(json.dumps(complete_graph(graph)), encoding='utf-8')
    with tempfile.TemporaryDirectory(dir=target.parent, prefix='.converting-') as folder:
        unchecked = Path(folder, target.name)
        # its Python functions do not take TensorFlow.js graphs, its command line does
        command = ['-m', 'tf2onnx.convert', '--tfjs', str(completed), '--output', str(unchecked)]
        done = subprocess.run([sys.executable, *command, '--opset', str(OPSET)], check=False)
        if done.returncode:
            raise ConversionError(f'{source}: tf2onnx cannot convert it, see its messages above')
        check(unchecked, name)
        os.replace(unchecked, target)


def outputs_of(path: Path, name: str) -> np.ndarray:
    """A converted model's output for the figure.

    Raises:
        ConversionError: If the file is missing, damaged or another model.
    """
    import onnxruntime

    figure = draw_figure(SIZES[name])[None].astype(np.int32)
    try:
        session = onnxruntime.InferenceSession(str(path), providers=['CPUExecutionProvider'])
        return session.run(None, {session.get_inputs()[0].name: figure})[0]
    except Exception as error:  # onnxruntime has no common class for its errors
        raise ConversionError(f'{path}: {str(error).splitlines()[0]}') from error


def check(path: Path, name: str) -> None:
    """Compare a model's output for the figure with the stored one.

    Raises:
        ConversionError: If they differ; the message says by how much.
    """
    expected = np.array(json.loads(REFERENCE.read_text(encoding='utf-8'))[name])
    found = outputs_of(path, name)
    if found.shape[-2:] != (17, 3) and found.shape[-2:] != (6, 56):
        raise ConversionError(f'{path}: expected the outputs of MoveNet {name}, found {found.shape}')
    found = found.reshape(-1, found.shape[-1])[: len(expected)]
    if found.shape != expected.shape:
        raise ConversionError(f'{path}: expected outputs {expected.shape}, found {found.shape}')
    difference = float(np.abs(found - expected).max())
    if not difference <= TOLERANCE:
        raise ConversionError(
            f'{path}: the outputs for the drawn figure differ by {difference:.4f} from those of '
            f'TensorFlow.js, more than {TOLERANCE}'
        )


def main(argv: Sequence[str] | None = None) -> int:
    args = parse_args(argv)
    os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
    target = Path(args.folders[-1])
    try:
        for number, name in enumerate(MODELS, 1):
            path = target / f'movenet-{name}.onnx'
            if args.check:
                check(path, name)
            else:
                print(f'  {number} of {len(MODELS)}: {name}', flush=True)
                convert(Path(args.folders[0], f'movenet-{name}.json'), path)
    except ConversionError as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
