"""Find the clips of a store that a sentence describes best.

    mmactrep search data/mine/2d 'somebody kicks with the right leg'
    mmactrep search data/mine/2d 'a person sits down' --top 20 --out found.png
    mmactrep search STORE SENTENCE --checkpoint TMOR_CHECKPOINT --split test

Prints the clips with the cosine of their motion and the sentence, and draws them on a sheet. Motions are
embedded when a store is searched for the first time, and kept in STORE_features/CHECKPOINT_motion. The
default checkpoint is T-MOR in demo/checkpoints; texts need requirements/text.txt.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from mmactrep.arguments import ANGLE, BATCH, COUNT, plain_errors, printable, whole_number

_SHOWN_AT_MOST = 100


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('store', type=Path, help='folder of a skeleton store')
    parser.add_argument('sentence', help='what is looked for')
    parser.add_argument('--checkpoint', help='with a text head (default: T-MOR in demo/checkpoints)')
    parser.add_argument('--config', help='config of its training, if it does not hold it')
    parser.add_argument('--split', help='search the clips of this split (default: all)')
    parser.add_argument('--top', type=COUNT, default=10, help='clips to show (%(default)s)')
    parser.add_argument('--out', type=Path, help='picture of the clips (default: work_dirs/search/WORDS.png)')
    parser.add_argument(
        '--pictures', type=whole_number(1, 100), default=8, help='pictures of each clip (%(default)s)'
    )
    parser.add_argument('--features', type=Path, help='where the embedded motions are kept')
    parser.add_argument(
        '--templates', default='plain', help='list of templates, or a template with {} (%(default)s)'
    )
    parser.add_argument('--batch-size', type=BATCH, default=64, help='clips at once (%(default)s)')
    parser.add_argument('--yaw', type=ANGLE, default=0.0, help='view of 3D clips, degrees (%(default)s)')
    parser.add_argument('--up', default='-y', help='axis that points up in 3D clips (%(default)s)')
    parser.add_argument('--device', default='cpu', help='cpu, cuda:0, ... (%(default)s)')
    args = parser.parse_args(argv)
    if not re.fullmatch('-?[xyz]', args.up):
        parser.error(f"--up: expected an axis like 'y' or '-y', found {args.up!r}")

    from mmactrep.apis.motion_search import embedded_store, search
    from mmactrep.apis.recognizer import ActionRecognizer
    from mmactrep.store.reader import SkeletonStore
    from mmactrep.structures.class_texts import ClassText
    from mmactrep.visualization import draw_clip_sheet, write_image

    store = SkeletonStore(args.store)
    rows = store.split(args.split) if args.split else None
    wanted = [ClassText('sentence', (args.sentence,))]
    recognizer = ActionRecognizer(
        args.config, args.checkpoint, args.device, labels=wanted, templates=args.templates
    )
    motions = embedded_store(store, recognizer, args.features, args.batch_size, sys.stderr.isatty())
    sentence = recognizer.model.cls_head.class_embeddings[0].cpu().numpy()
    hits = search(store, motions, sentence, args.top, rows)
    lines = []
    for number, hit in enumerate(hits, 1):
        label = int(store.labels[hit.row])
        name = f' ({store.classes[label]})' if label >= 0 else ''
        lines.append(f'{number:3d}  {hit.score:6.3f}  {printable(hit.clip_id + name)}')
    print('\n'.join(lines))
    drawn = hits[:_SHOWN_AT_MOST]
    clips = [store[hit.row] for hit in drawn]
    sheet = draw_clip_sheet(clips, lines[: len(drawn)], args.pictures, yaw=args.yaw, up=args.up)
    words = re.sub(r'[^a-z0-9]+', '_', args.sentence.lower()).strip('_')[:60] or 'sentence'
    out = args.out or Path('work_dirs', 'search', f'{words}.png')
    write_image(out, sheet)
    print(f'sheet: {printable(str(out))}')
    return 0
