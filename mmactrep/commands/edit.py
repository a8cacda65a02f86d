"""Edit skeleton sequences in the latent space of a trained motion generator.

    mmactrep edit retarget --motion procedural::wave --static procedural::walk \\
        --view 0 60 --character 3 1001 --out out/retargeted
    mmactrep edit compose  --motion procedural::walk procedural::wave --out out/composed
    mmactrep edit swap     --motion walk.bvh STORE::CLIP --out out/swapped
    mmactrep edit walk     --static procedural::walk --out out/walk
    mmactrep edit walk     CHECKPOINT --motion procedural::walk --out out/statics
    mmactrep edit sheet    --out out/sheet
    mmactrep edit compose  work_dirs/via/epoch_30.pth --motion walk.bvh wave.bvh --out out/c

The generator is LAC's 2D generator in demo/checkpoints, or the checkpoint after the command, with its config
before it if it is an older one. A motion is a BVH capture, STORE::CLIP, procedural::MOTION (MOTION::7 for
another performance), a skeleton file, or a video. Writes OUT.npz (``keypoint`` (1, T, V, C), ``layout``) and
OUT.mp4 with inputs and results side by side. Several results are written to OUT_0.npz, OUT_1.npz, ...
``walk`` and ``sheet`` write a picture, OUT.png, instead of the video. A walk goes along directions of
'Motion' from the reference pose of --static (thesis, Fig. 4.4), or along directions of 'Static' with the
motion of --motion (Fig. 4.6 c; the sequences of a direction are the persons of its NPZ). A sheet has a row
per --motion and, behind the motion itself and the motion without a static, a column per --static (Fig. 4.6);
without arguments, procedural ones.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mmactrep.apis.model_arguments import add_generator_arguments, add_motion_arguments
from mmactrep.arguments import ANGLE, INDEX, plain_errors, whole_number
from mmactrep.errors import InferenceError

if TYPE_CHECKING:
    from mmactrep.apis.motion_inputs import PersonMotion
    from mmactrep.models.generators import BaseMotionAutoencoder

# which --motion and --static each command takes
_NEEDS = dict(
    retarget=('one --motion and one --static', lambda args: counts(args) == (1, 1)),
    compose=(
        'two or more --motion, and one --static at most',
        lambda args: len(args.motion) >= 2 > len(args.static),
    ),
    swap=('two --motion and no --static', lambda args: counts(args) == (2, 0)),
    walk=('one --static or one --motion', lambda args: sum(counts(args)) == 1),
    sheet=('--motion and --static, or neither', lambda args: bool(args.motion) == bool(args.static)),
)
# what a sheet shows by default: motions, then bodies and views
_SHEET = dict(
    motion=[f'procedural::{name}' for name in ('squat', 'wave::4', 'kick', 'walk')],
    static=['procedural::walk::3'] * 4,
    view=[-45.0, 20.0, 30.0, 60.0, 0.0, 60.0, -30.0, -90.0],
    character=[3, 1002, 5, 7, 1002, 1001, 4, 1003],
)


def counts(args: argparse.Namespace) -> tuple[int, int]:
    """Numbers of motions and statics."""
    return len(args.motion), len(args.static)


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('command', choices=list(_NEEDS))
    add_generator_arguments(parser)
    parser.add_argument('--motion', nargs='+', default=[], metavar='SOURCE', help='source of the motion')
    parser.add_argument(
        '--static', nargs='+', default=[], metavar='SOURCE', help='source of the body and the view'
    )
    parser.add_argument('--out', type=Path, required=True, help='files to write, without a suffix')
    parser.add_argument(
        '--directions',
        type=INDEX,
        nargs='+',
        help="directions to walk (default: the six strongest, and all of 'Static' at once)",
    )
    parser.add_argument(
        '--steps', type=whole_number(1, 1000), default=9, help='poses of a walk (%(default)s)'
    )
    parser.add_argument(
        '--view',
        type=ANGLE,
        nargs='+',
        default=[0.0],
        metavar='YAW',
        help='yaw of the camera on captures and procedural motions, degrees: one for all, or one per '
        '--motion and then for --static',
    )
    parser.add_argument(
        '--character',
        type=INDEX,
        nargs='+',
        default=[None],
        metavar='NUMBER',
        help='number of the character that performs them, likewise (default: the reference body)',
    )
    add_motion_arguments(parser)
    args = parser.parse_intermixed_args(argv)
    what, fits = _NEEDS[args.command]
    if not fits(args):
        raise InferenceError(f'{args.command} takes {what}')
    if args.command == 'sheet' and not args.motion:
        vars(args).update(_SHEET)
    sources = sum(counts(args))
    for name in ('view', 'character'):
        values = getattr(args, name)
        if len(values) not in (1, sources):
            raise InferenceError(f'--{name} takes one value, or {sources} for {sources} inputs')
        setattr(args, name, values * sources if len(values) == 1 else values)
    return args


def edit(
    command: str, generator: BaseMotionAutoencoder, motions: list[PersonMotion], static: PersonMotion | None
) -> dict[str, np.ndarray]:
    """Results of a command by title, (T, V, C) each."""
    from mmactrep.models.generators import compose, retarget, swap_static

    keypoints = [motion.keypoint for motion in motions]
    names = [motion.name for motion in motions]
    if command == 'swap':
        first, second = swap_static(generator, *keypoints)
        return {f'{names[0]} on {names[1]}': first, f'{names[1]} on {names[0]}': second}
    on = static or motions[0]
    if command == 'retarget':
        return {f'{names[0]} on {on.name}': retarget(generator, keypoints[0], on.keypoint)}
    return {f'{" + ".join(names)} on {on.name}': compose(generator, keypoints, on.keypoint)}


def walk(
    generator: BaseMotionAutoencoder, static: PersonMotion, directions: list[int] | None, steps: int
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Poses and magnitudes along directions, both by title.

    Raises:
        InferenceError: If there is no such direction.
    """
    from mmactrep.models.generators import strongest_directions, walk_direction

    # Beyond the magnitudes of the sequence itself, as a single direction moves little.
    known = dict(strongest_directions(generator, static.keypoint, generator.num_motion))
    chosen = directions or list(known)[:6]
    unknown = [i for i in chosen if i not in known]
    if unknown:
        raise InferenceError(f'there are directions 0 to {generator.num_motion - 1}, not {unknown}')
    magnitudes = {f'd_m{i}': np.linspace(-4, 4, steps) * max(known[i], 1e-3) for i in chosen}
    poses = {
        title: walk_direction(generator, static.keypoint, i, magnitudes[title])
        for title, i in zip(magnitudes, chosen)
    }
    return poses, magnitudes


def walk_statics(
    generator: BaseMotionAutoencoder, motion: PersonMotion, directions: list[int] | None, steps: int
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Sequences (S, T, V, C) by title of a direction of 'Static', and their S places along it.

    Place 0 is the motion with its own static. Along a direction, the unit is the root mean square of the
    sequence's magnitudes; along all at once, 'A_c', the magnitudes vanish at place -2 and double at 2.

    Raises:
        InferenceError: If there is no such direction.
    """
    from mmactrep.models.generators import encode_sequence, walk_static

    own = encode_sequence(generator, motion.keypoint).code.static[0].cpu().numpy()
    unknown = [i for i in directions or () if i >= len(own)]
    if unknown:
        raise InferenceError(f'there are directions 0 to {len(own) - 1}, not {unknown}')
    places, unit = np.linspace(-2, 2, steps) if steps > 1 else np.zeros(1), np.sqrt((own**2).mean())
    chosen = directions or np.argsort(-np.abs(own))[:6].tolist()
    walks = {} if directions else {'A_c': walk_static(generator, motion.keypoint, 1 + places / 2)}
    for i in chosen:
        walks[f'd_c{i}'] = walk_static(generator, motion.keypoint, own[i] + places * unit, i)
    return walks, places


def draw_sheet(
    generator: BaseMotionAutoencoder,
    motions: list[PersonMotion],
    statics: list[PersonMotion],
    titles: list[str],
) -> np.ndarray:
    """Every motion, without a static, and on the body and view of every static.

    Args:
        generator: A trained generator.
        motions: Give the rows.
        statics: Give the columns.
        titles: Of the motions and then of the statics.
    """
    from mmactrep.models.generators import canonical, retarget_all
    from mmactrep.visualization.motion_comparison import motion_grid

    generated = retarget_all(
        generator, [motion.keypoint for motion in motions], [static.keypoint for static in statics]
    )
    cells = [
        [motion.keypoint, canonical(generator, motion.keypoint), *row]
        for motion, row in zip(motions, generated)
    ]
    rows, others = titles[: len(motions)], titles[len(motions) :]
    poses = {f'{i + 1}: {others[i]}': static.keypoint[0] for i, static in enumerate(statics)}
    columns = {'input': None, 'without a static': None} | poses
    return motion_grid(cells, rows, columns, generator.layout)


def name_apart(motions: list[PersonMotion]) -> None:
    """Number motions of equal names, for example those of one performance on two characters."""
    names = [motion.name for motion in motions]
    for i, motion in enumerate(motions):
        if names.count(motion.name) > 1:
            motion.name = f'{motion.name} ({i + 1})'


def save(path: Path, results: dict[str, np.ndarray], layout: str) -> list[Path]:
    """Write one NPZ file per result, of one sequence or several; returns the paths."""
    path.parent.mkdir(parents=True, exist_ok=True)
    files = []
    for i, keypoint in enumerate(results.values()):
        files.append(Path(f'{path}.npz' if len(results) == 1 else f'{path}_{i}.npz'))
        np.savez(files[-1], keypoint=keypoint if keypoint.ndim == 4 else keypoint[None], layout=layout)
    return files


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    args = parse_args(argv)

    from mmactrep.apis.motion_inputs import is_performed, load_named_generator, read_motion
    from mmactrep.visualization import write_image, write_video
    from mmactrep.visualization.motion_comparison import compare_motions, draw_walk, motion_grid

    generator, _ = load_named_generator(args.words, device=args.device)
    layout = generator.layout
    sources = args.motion + args.static
    read = [
        read_motion(
            source,
            layout,
            generator.in_channels,
            view=view,
            character=character,
            file_layout=args.file_layout,
            experts=args.experts,
        )
        for source, view, character in zip(sources, args.view, args.character)
    ]
    named = [motion.name for motion in read]
    name_apart(read)
    motions, statics = read[: len(args.motion)], read[len(args.motion) :]
    static = statics[0] if statics else None
    if args.command == 'sheet':
        files = [Path(f'{args.out}.png')]
        titles = [
            f'{name}, {view:.0f} deg' if is_performed(source) else name
            for name, source, view in zip(named, sources, args.view)
        ]
        write_image(files[0], draw_sheet(generator, motions, statics, titles))
    elif args.command == 'walk' and motions:
        walks, places = walk_statics(generator, motions[0], args.directions, args.steps)
        files = save(args.out, walks, layout.name)
        files.append(Path(f'{args.out}.png'))
        columns = {f'{place:+.1f}': None for place in places}
        picture = motion_grid(list(walks.values()), list(walks), columns, layout, moments=2, size=(120, 130))
        write_image(files[-1], picture)
    elif args.command == 'walk':
        poses, magnitudes = walk(generator, static, args.directions, args.steps)
        files = save(args.out, poses, layout.name)
        files.append(Path(f'{args.out}.png'))
        write_image(files[-1], draw_walk(poses, magnitudes, layout))
    else:
        results = edit(args.command, generator, motions, static)
        files = save(args.out, results, layout.name)
        files.append(Path(f'{args.out}.mp4'))
        inputs = {motion.name: motion.keypoint for motion in read}
        frames = compare_motions(inputs | results, layout, common_scale=False, inputs=list(inputs))
        write_video(files[-1], frames, motions[0].fps or 30.0)
    print('written:', *files)
    return 0
