"""Render the moving picture of README.md: procedural motions, and what a recognizer says of them.

    python tools/analysis/render_banner.py --out demo/assets/banner.webp

The performers are procedural and were not in the training of the recognizer, whose classes are 45 motions
(demo/checkpoints/unik_synthetic_2d_small.pth). Each picture shows the scores of the frames so far.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mmactrep.arguments import SEED, plain_errors

SIZE, PANEL = 300, 420
FRAMES, FPS, HOLD = 44, 20.0, 8
MOTIONS = ('wave', 'kick', 'jump', 'drink', 'throw')
# characters of the stand-in's test split
CHARACTERS = (400, 500)
DARK, LIGHT, GREY, BLUE = (28, 28, 28), (235, 235, 235), (90, 90, 90), (255, 160, 60)


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--out', type=Path, required=True, metavar='WEBP', help='picture to write')
    parser.add_argument('--seed', type=SEED, default=3, help='seed of the motions (%(default)s)')
    return parser.parse_args(argv)


def draw_panel(rows, height: int):
    """Bars of (class, score), best first, beside the skeleton: (height, PANEL, 3) uint8."""
    import cv2
    import numpy as np

    panel = np.full((height, PANEL, 3), DARK, np.uint8)
    for number, (name, score) in enumerate(rows):
        top = 50 + 62 * number
        color = LIGHT if number == 0 else (160, 160, 160)
        text = name.replace('_', ' ')
        cv2.putText(panel, text, (20, top), cv2.FONT_HERSHEY_SIMPLEX, 0.62, color, 1, cv2.LINE_AA)
        cv2.putText(
            panel, f'{score:.0%}', (PANEL - 75, top), cv2.FONT_HERSHEY_SIMPLEX, 0.62, color, 1, cv2.LINE_AA
        )
        cv2.rectangle(panel, (20, top + 10), (PANEL - 25, top + 18), (50, 50, 50), -1)
        width = int((PANEL - 45) * score)
        cv2.rectangle(panel, (20, top + 10), (20 + width, top + 18), BLUE if number == 0 else GREY, -1)
    return panel


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    args = parse_args(argv)

    import numpy as np
    from PIL import Image

    from mmactrep.apis import ActionRecognizer
    from mmactrep.motion.procedural import MotionGenerator
    from mmactrep.motion.procedural.generator import IMAGE_SIZE
    from mmactrep.packaged import CHECKPOINT_FOLDER
    from mmactrep.visualization import render_clip

    recognizer = ActionRecognizer(weights=CHECKPOINT_FOLDER / 'unik_synthetic_2d_small.pth', device='cpu')
    pictures = []
    for motion in MOTIONS:
        generator = MotionGenerator(
            FRAMES, FPS, classes=[motion], seed=args.seed, characters=CHARACTERS, population=0
        )
        made = generator.generate(1, layout=recognizer.layout)
        keypoint, score = made.keypoint[0], np.ones_like(made.score[0])
        drawn = list(render_clip(keypoint, recognizer.layout, score, (SIZE, SIZE), thickness=4))
        for number in range(0, FRAMES, 2):
            seen = dict(
                keypoint=keypoint[:, : max(8, number + 1)],
                keypoint_score=score[:, : max(8, number + 1)],
                img_shape=(IMAGE_SIZE[1], IMAGE_SIZE[0]),
            )
            scores = recognizer([seen])[0]
            best = np.argsort(-scores)[:4]
            panel = draw_panel([(recognizer.classes[k], float(scores[k])) for k in best], SIZE)
            pictures.append(np.concatenate([drawn[number], panel], axis=1)[..., ::-1])
        pictures += [pictures[-1]] * HOLD
    first, *rest = (Image.fromarray(picture) for picture in pictures)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    first.save(args.out, save_all=True, append_images=rest, duration=100, loop=0, quality=70, method=4)
    print(f'{args.out}: {len(pictures)} pictures, {args.out.stat().st_size / 1024:.0f} KiB')
    return 0


if __name__ == '__main__':
    sys.exit(main())
