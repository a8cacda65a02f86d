"""Write a trained model for use without its checkpoint: for ONNX Runtime, or as a program of torch.export.

    mmactrep export CHECKPOINT                       # CHECKPOINT's name with .onnx
    mmactrep export unik_penn_2d --format torch --out unik.pt2
    mmactrep export CHECKPOINT --int8 data/penn_action/2d

MODEL is a checkpoint, the folder of a taught model, or the name of one that comes with the package. The file
takes clips (N, M, T, V, C) of any number N and length T, and holds classes, joints and normalization:

    SkeletonInferencer(backend='onnx', weights='MODEL.onnx')('video.mp4')
"""

from __future__ import annotations

import argparse
from pathlib import Path

from mmactrep.apis.model_arguments import add_labels_argument
from mmactrep.arguments import plain_errors, printable, whole_number
from mmactrep.store.layout_source import layout_argument

SUFFIXES = dict(onnx='.onnx', torch='.pt2')
# clips that set the ranges of eight-bit activations
CALIBRATION = 64


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('model', metavar='MODEL', help='checkpoint, folder of a taught model, or name')
    parser.add_argument('--format', choices=sorted(SUFFIXES), default='onnx', help='(%(default)s)')
    parser.add_argument('--out', type=Path, help='file to write (default: the name of MODEL, here)')
    parser.add_argument('--config', help='its config (default: the one in the checkpoint, or named by it)')
    parser.add_argument(
        '--model-layout',
        type=layout_argument,
        help='joints of the model, if its checkpoint does not say: a layout, its JSON file, or a store',
    )
    add_labels_argument(parser)
    parser.add_argument(
        '--int8',
        metavar='STORE',
        help='also write NAME.int8.onnx with eight-bit weights and activations, whose ranges come from clips '
        'of the training split of this store',
    )
    parser.add_argument(
        '--calibration',
        type=whole_number(1, 100_000),
        default=CALIBRATION,
        metavar='N',
        help='clips that are used for it (%(default)s)',
    )
    return parser.parse_args(argv)


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    args = parse_args(argv)

    from mmactrep.apis.export.files import require, write_onnx, write_torch
    from mmactrep.errors import InferenceError

    if args.format == 'torch' and args.int8:
        raise InferenceError('--int8 writes an ONNX file: omit --format torch')
    if args.format == 'onnx':
        require('onnx', 'onnxscript', *(['onnxruntime'] if args.int8 else []))
    # told before a model is loaded
    suffix = SUFFIXES[args.format]
    out = args.out or Path(Path(args.model).resolve().name).with_suffix(suffix)
    if out.suffix != suffix:
        raise InferenceError(f'--out: expected a name that ends in {suffix}, found {out.name}')

    from mmactrep.apis.export.opening import open_model

    recognizer = open_model(args.model, args.config, args.model_layout, args.labels)
    print(f'{printable(recognizer.name)}: {len(recognizer.classes)} classes, layout {recognizer.layout.name}')
    written = (write_onnx if args.format == 'onnx' else write_torch)(recognizer, out)
    print(f'written: {printable(str(written))} ({written.stat().st_size / 2**20:.1f} MiB)')
    if args.int8:
        from mmactrep.apis.export.calibration import calibration_clips
        from mmactrep.apis.export.files import quantize

        clips = calibration_clips(recognizer, args.int8, args.calibration)
        small = quantize(written, written.with_suffix('.int8.onnx'), clips)
        print(f'written: {printable(str(small))} ({small.stat().st_size / 2**20:.1f} MiB)')
    return 0
