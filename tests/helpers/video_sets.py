"""Small folders of videos with their lists."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tests.helpers.videos import make_video

CLASSES = ('enter', 'leave', 'sit down')
#: Lists of every data set of the configs, as ``tools/data/annotate_videos.py`` writes them, and the number of
#: classes.
LISTS = {
    'hmdb51': ([f'{part}{n}' for part in ('train', 'test') for n in (1, 2, 3)], 51),
    'kinetics400': (['train', 'val'], 400),
    'rendered': (['train', 'test'], 12),
    'smarthome_rgb/cs': (['train', 'test'], 31),
    'smarthome_rgb/cv2': (['train', 'test'], 19),
    'ucf101': ([f'{part}{n}' for part in ('train', 'test') for n in (1, 2, 3)], 101),
    'ut_interaction': (['set1', 'set2'], 6),
    'utd_mhad_depth': (['train', 'test'], 27),
}


def moving_square(number: int, count: int = 24, size: tuple[int, int] = (48, 64)) -> list[np.ndarray]:
    """Frames with a bright square that moves to the right, or to the left in every second video."""
    frames = []
    for t in range(count):
        frame = np.full((*size, 3), (40, 60 + 10 * (number % 5), 80), np.uint8)
        at = 2 * t if number % 2 == 0 else 2 * (count - 1 - t)
        frame[16:32, at : at + 12] = (250, 240 - 20 * (number % 7), 30)
        frames.append(frame)
    return frames


def video_folder(root: Path, count: int = 6, frames: int = 24, fps: Sequence[float] = (25.0, 30.0)) -> Path:
    """Videos ``CLASS/clip N.mp4``, 25 and 30 frames per second in turns, and ``list.txt`` and
    ``classes.txt``.

    Returns:
        The list.
    """
    lines = []
    for number in range(count):
        label = number % len(CLASSES)
        path = root / CLASSES[label] / f'clip {number}.mp4'
        path.parent.mkdir(parents=True, exist_ok=True)
        make_video(path, moving_square(number, frames), fps=fps[number % len(fps)])
        lines.append(f'{path.relative_to(root)} {label}\n')
    (root / 'list.txt').write_text(''.join(lines))
    (root / 'classes.txt').write_text('\n'.join(CLASSES))
    return root / 'list.txt'


def clip_pipeline(length: int = 4, stride: int = 2, num_clips: int = 3, size: int = 32) -> dict[str, dict]:
    """The transforms of a pre-training, by name."""
    return dict(
        open=dict(type='OpenVideo'),
        sample=dict(type='SampleVideoClips', length=length, stride=stride, num_clips=num_clips),
        read=dict(type='ReadClipFrames'),
        crop=dict(type='ClipResizedCrop', size=size),
        flip=dict(type='ClipFlip'),
        jitter=dict(type='ClipColorJitter'),
        gray=dict(type='ClipGray'),
        blur=dict(type='ClipBlur'),
        pack=dict(type='PackVideoClips'),
    )


def write_video_lists(root: Path) -> None:
    """Write all :data:`LISTS` under ``root``, as under ``MMACTREP_DATA_ROOT``; the videos are in ``root``.

    Each list names ``clip_0.mp4`` to ``clip_2.mp4``.
    """
    for folder, (lists, classes) in LISTS.items():
        (root / folder).mkdir(parents=True, exist_ok=True)
        for name in lists:
            (root / folder / f'{name}.txt').write_text(''.join(f'clip_{i}.mp4 {i}\n' for i in range(3)))
        (root / folder / 'classes.txt').write_text('\n'.join(f'class {i}' for i in range(classes)))
        videos = root / folder.partition('/')[0] / 'videos'
        if not videos.exists():
            videos.symlink_to(root, target_is_directory=True)
