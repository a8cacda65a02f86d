"""Make a checkpoint small and publishable: weights alone, in half precision, with what is needed to use them.

    python tools/model_converters/publish_model.py work_dirs/x/epoch_30.pth out.pth [--note accuracy='98.5 %']
    python tools/model_converters/publish_model.py work_dirs/g/epoch_100.pth out.pth --generator [CONFIG]
    python tools/model_converters/publish_model.py work_dirs/t/epoch_50.pth out.pth --text-recognizer [CONFIG]

Optimizer, message hub, random states and the paths of this machine are dropped; the layout, the classes and
the config that inference needs are kept. Loading casts back to single precision. ``--generator`` keeps the
motion generator of a training of LAC's generator or of ViA alone: its weights, the statistics of its training
motions, its layout and its config. ``--text-recognizer`` makes of a training of T-MOR with texts a recognizer
whose classes are words: encoder, projections of motion and text, the teacher's name, layout, clip length and
the names of the classes that it saw. CONFIG is needed if the checkpoint was written before these were kept.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mmactrep.arguments import plain_errors
from mmactrep.engine.trained_on import GENERATOR, INFERENCE, LAYOUT, SEEN, VIDEO
from mmactrep.errors import CheckpointError
from mmactrep.structures.rejection import REJECTION

#: What is kept of a checkpoint's ``meta``: what it was trained on, and the config that inference needs.
KEPT = ('dataset_meta', 'epoch', 'seed', LAYOUT, INFERENCE, GENERATOR, SEEN, REJECTION)


def publishable(checkpoint: dict, notes: dict[str, str], half: bool = True) -> dict:
    """The part of an MMEngine checkpoint that others need.

    Args:
        checkpoint: With ``state_dict`` and ``meta``.
        notes: Facts kept under ``meta``.
        half: Cast floating-point weights to float16.

    Raises:
        ValueError: If a weight is not finite, or does not fit into half precision.
    """
    import torch

    weights = {}
    for name, value in checkpoint['state_dict'].items():
        if value.is_floating_point():
            value = value.half() if half else value
            if not torch.isfinite(value).all():
                raise ValueError(f'{name} is not finite{" in half precision" if half else ""}')
        weights[name] = value.contiguous()
    meta = checkpoint.get('meta', {})
    kept = {key: meta[key] for key in KEPT if key in meta}
    return dict(state_dict=weights, meta=kept | notes)


def generator_alone(path: Path, config: str | None = None) -> dict:
    """A checkpoint with nothing but its motion generator, which is built and loaded to make sure.

    Args:
        path: Checkpoint of ``MotionRetargeter`` or ``ViA``.
        config: Config of its training, if the checkpoint does not hold the generator's.

    Raises:
        CheckpointError: See :func:`~mmactrep.models.generators.load_generator`.
    """
    from mmactrep.engine.checkpoints import read_checkpoint
    from mmactrep.engine.composed_config import compose_config
    from mmactrep.engine.trained_on import generator_config
    from mmactrep.models.generators import GENERATOR_PREFIX, load_generator

    generator = load_generator(path, config)
    meta = read_checkpoint(path)['meta']
    described = meta.get(GENERATOR)
    if config is not None:
        described = generator_config(compose_config(config), generator.layout)
    kept = {key: meta[key] for key in ('epoch', 'seed') if key in meta}
    return dict(
        state_dict={f'{GENERATOR_PREFIX}{name}': value for name, value in generator.state_dict().items()},
        meta=kept | {GENERATOR: described, LAYOUT: generator.layout.to_dict()},
    )


def text_recognizer_alone(path: Path, config: str | None = None) -> dict:
    """The recognizer of words that a pre-training of T-MOR makes, which is built and loaded to make sure.

    Args:
        path: Checkpoint of ``TMOR``.
        config: Config of its training, if the checkpoint does not hold it.

    Raises:
        CheckpointError: If it is no such checkpoint, or does not fit its config.
    """
    from mmactrep.apis.model_config import find_model
    from mmactrep.engine.checkpoints import load_weights, read_checkpoint
    from mmactrep.engine.runner import build_model

    checkpoint = read_checkpoint(path)
    cfg, state = find_model(config, checkpoint, path)
    head = (cfg.model.get('cls_head') or {}).get('type')
    if head != 'TextHead':
        raise CheckpointError(f'{path}: expected a training with texts, found a recognizer with {head}')
    load_weights(build_model(cfg, str(path)), state, str(path), str(config or 'its own config'))
    content = cfg.to_dict()
    content.pop(VIDEO, None)
    return dict(state_dict=state, meta=checkpoint['meta'] | {INFERENCE: content})


def note(text: str) -> tuple[str, str]:
    """Argument type of ``--note``: a key and its text."""
    key, separator, said = text.partition('=')
    if not separator or not key.isidentifier() or key in KEPT:
        raise argparse.ArgumentTypeError(f'expected KEY=TEXT with a key other than {", ".join(KEPT)}')
    return key, said


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('source', type=Path)
    parser.add_argument('target', type=Path)
    parser.add_argument(
        '--note', nargs='*', default=[], type=note, metavar='KEY=TEXT', help='facts to keep with it'
    )
    parser.add_argument(
        '--generator',
        nargs='?',
        const=True,
        metavar='CONFIG',
        help='keep the motion generator alone; CONFIG of its training, for older checkpoints',
    )
    parser.add_argument(
        '--text-recognizer',
        nargs='?',
        const=True,
        metavar='CONFIG',
        help='keep what recognizes words; CONFIG of its training, for older checkpoints',
    )
    parser.add_argument('--full-precision', action='store_true', help='keep float32')
    args = parser.parse_args(argv)
    if args.generator and args.text_recognizer:
        parser.error('--generator and --text-recognizer are different models')

    from mmactrep.engine.checkpoints import read_checkpoint, write_checkpoint

    if args.generator:
        checkpoint = generator_alone(args.source, None if args.generator is True else args.generator)
    elif args.text_recognizer:
        checkpoint = text_recognizer_alone(
            args.source, None if args.text_recognizer is True else args.text_recognizer
        )
    else:
        checkpoint = read_checkpoint(args.source)
    try:
        published = publishable(checkpoint, dict(args.note), not args.full_precision)
    except ValueError as error:
        raise CheckpointError(f'{args.source}: {error}') from error
    write_checkpoint(published, args.target)
    told = (LAYOUT, INFERENCE, GENERATOR, REJECTION)
    said = {key: value for key, value in published['meta'].items() if key not in told}
    print(f'{args.target}: {args.target.stat().st_size / 1e6:.1f} MB, {said}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
