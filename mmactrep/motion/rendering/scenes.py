"""A clip of a class from a seed: an actor in a room, what happens, and a camera that looks at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from mmactrep.motion.body import BODY

from .actions import ACTIONS, OTHERS, TIME_PAIRS, Performance
from .actor import Actor
from .camera import RoomCamera
from .figure import Look, draw_look, figure_shapes
from .painting import Canvas, Shape
from .props import chair, table
from .room import Room, draw_room

#: All classes, in the order of their labels.
CLASSES: tuple[str, ...] = (*(name for pair in TIME_PAIRS for name in pair), *OTHERS)
# streams of draws for what clips share
_ROOMS, _LOOKS, _CAMERAS = 1001, 1002, 1003
# meters: a camera that does not know who comes is set up for a person of this height
_USUAL_HEIGHT = 1.75
_BACKWARDS = {second: first for first, second in TIME_PAIRS}


@dataclass(frozen=True)
class RenderSettings:
    """How clips are rendered.

    Args:
        size: Height and width, pixels.
        seconds: Shortest and longest clip.
        fps: Frame rates to draw from.
        moving: Share of the clips with a camera that moves, and of those with a screen that does.
        characters: First and one past the last number of the characters that may perform.
        oversampling: Images are painted this many times as large and then shrunk.
        rooms: First and one past the last number of the rooms; every character then has clothes that do not
            change. None: every clip has a room and clothes of its own, by which it is told from all others.
        fixed_cameras: With ``rooms``, every room has one camera, as a sensor on a wall; where it moves, it
            moves about its place. Otherwise every clip is seen from where it is drawn.
    """

    size: tuple[int, int] = (120, 160)
    seconds: tuple[float, float] = (2.8, 3.8)
    fps: tuple[int, ...] = (25, 30)
    moving: float = 0.5
    characters: tuple[int, int] = (0, 500)
    oversampling: int = 2
    rooms: tuple[int, int] | None = None
    fixed_cameras: bool = False


@dataclass(frozen=True)
class RenderedClip:
    """A clip.

    Args:
        frames: (T, H, W, 3) uint8 RGB.
        fps: Frames per second.
        joints: (T, J, 3) of ``BODY``, meters, in the order of the frames.
        cameras: T cameras, for images of the size of the frames.
        backwards: Whether it is played backwards.
    """

    frames: np.ndarray
    fps: int
    joints: np.ndarray
    cameras: tuple[RoomCamera, ...]
    backwards: bool


def render_clip(
    name: str, seed: int | Sequence[int], settings: RenderSettings = RenderSettings()
) -> RenderedClip:
    """Render a clip of a class.

    Args:
        name: One of :data:`CLASSES`. The second class of a pair is rendered as the first and played
            backwards.
        seed: Seed of all draws; another one makes another clip, in which nothing is the same but, with
            ``settings.rooms``, rooms and people of the same number.
        settings: How clips are rendered.

    Raises:
        KeyError: If there is no such class.
        ValueError: If cameras are to be fixed where there are no shared rooms.
    """
    if settings.fixed_cameras and settings.rooms is None:
        raise ValueError('cameras are fixed in rooms that clips share: settings.rooms has none')
    rng = np.random.default_rng([CLASSES.index(name), *np.atleast_1d(seed).tolist()])
    action = _BACKWARDS.get(name, name)
    fps = int(rng.choice(settings.fps))
    frames = round(rng.uniform(*settings.seconds) * fps)
    if action == 'lie_down':
        frames = max(frames, round(3.4 * fps))
    heading = _draw_heading(rng, action)
    actor = Actor.draw(rng, frames, fps, settings.characters, heading)
    performance = ACTIONS[action](actor, rng)
    fill = (0.52, 0.64) if action in ('enter', 'lie_down') else (0.54, 0.74)
    camera = _draw_camera(rng, fill, actor.height, settings)
    cameras = _moved(rng, camera, actor, settings.moving)
    of_room, of_look = rng, rng
    if settings.rooms is not None:
        number = rng.integers(*settings.rooms)
        of_room = np.random.default_rng([_ROOMS, number])
        of_look = np.random.default_rng([_LOOKS, actor.character])
        if settings.fixed_cameras:
            # one for all actions: none is told by its camera
            of_camera = np.random.default_rng([_CAMERAS, number])
            fixed = _draw_camera(of_camera, (0.52, 0.64), _USUAL_HEIGHT, settings)
            cameras = _moved(rng, fixed, actor, settings.moving)
    room = draw_room(of_room, of_room.uniform(1.2, 2.6), bool(of_room.random() < settings.moving))
    furniture = _draw_furniture(of_room, room)
    images = _paint(rng, performance, actor, draw_look(of_look), room, furniture, cameras, settings)
    joints, cameras = performance.joints, tuple(_shrunk(each, settings) for each in cameras)
    if name in _BACKWARDS:
        images, joints, cameras = images[::-1], joints[::-1], cameras[::-1]
    return RenderedClip(np.ascontiguousarray(images), fps, joints, cameras, name in _BACKWARDS)


def _draw_heading(rng: np.random.Generator, action: str) -> float:
    """Where the person looks, radians: walks across the image, otherwise anywhere but away."""
    if action == 'enter':
        return float(rng.choice([-1, 1]) * np.radians(rng.uniform(70, 110)))
    if action == 'lie_down':
        return float(rng.choice([-1, 1]) * np.radians(rng.uniform(45, 135)))
    if action == 'open':  # what is opened stands before the person, and must not hide it
        return float(rng.choice([-1, 1]) * np.radians(rng.uniform(65, 118)))
    return float(np.radians(rng.uniform(-110, 110)))


def _draw_camera(
    rng: np.random.Generator, fill: tuple[float, float], height: float, settings: RenderSettings
) -> RoomCamera:
    """A camera for images of the size that is painted, of which a person of this height fills a share."""
    size = tuple(length * settings.oversampling for length in settings.size)
    distance = rng.uniform(3.4, 5.2)
    share = rng.uniform(*fill)
    return RoomCamera(
        aim=np.array([0.0, 0.5 * height, 0.0]) + rng.uniform([-0.1, -0.1, 0], [0.1, 0.1, 0]),
        yaw=rng.uniform(-18, 18),
        pitch=rng.uniform(2, 16),
        roll=rng.uniform(-2.5, 2.5),
        distance=distance,
        focal=share * size[0] * distance / max(height, 1.45),
        size=size,
    )


def _moved(rng: np.random.Generator, camera: RoomCamera, actor: Actor, moving: float) -> list[RoomCamera]:
    """The camera in every frame: still, or, in a share of the clips, in a hand."""
    if rng.random() >= moving:
        return [camera] * actor.frames
    t = np.arange(actor.frames) / actor.fps
    # a steady drift, as likely to one side as to the other, and the sway of a hand
    drift = rng.uniform([-0.12, -0.04, -4.0], [0.12, 0.04, 4.0])
    sway = np.array([0.012, 0.012, 0.35])
    phase, speed = rng.uniform(0, 2 * np.pi, (2, 3)), rng.uniform(0.3, 1.3, (2, 3))
    waves = np.sin(2 * np.pi * speed[:, None] * t[:, None] + phase[:, None]).sum(axis=0)
    change = drift * (t - t.mean())[:, None] + sway * waves
    return [
        replace(camera, aim=camera.aim + np.array([x, y, 0]), yaw=camera.yaw + yaw) for x, y, yaw in change
    ]


def _draw_furniture(rng: np.random.Generator, room: Room) -> list[Shape]:
    """Furniture that nobody uses, at the wall: a chair does not give the class away."""
    shapes: list[Shape] = []
    for _ in range(int(rng.integers(0, 3))):
        heading = rng.uniform(-0.5, 0.5)
        place = np.array([rng.choice([-1, 1]) * rng.uniform(0.7, 1.9), 0, -room.depth + 0.4])
        if rng.random() < 0.5:
            shapes += chair(rng, place + [0, rng.uniform(0.38, 0.48), 0], heading)
        else:
            shapes += table(rng, place, rng.uniform(0.55, 0.8), heading)
    return shapes


def _paint(
    rng: np.random.Generator,
    performance: Performance,
    actor: Actor,
    look: Look,
    room: Room,
    furniture: list[Shape],
    cameras: list[RoomCamera],
    settings: RenderSettings,
) -> np.ndarray:
    """All frames (T, H, W, 3) of a clip."""
    still = all(camera is cameras[0] for camera in cameras) and room.screen is None
    light, warmth = rng.uniform(0.75, 1.1), rng.uniform(0.93, 1.07)
    grain = rng.normal(0, rng.uniform(1.0, 4.0), (4, settings.size[0] + 8, settings.size[1] + 8, 1))
    gains = light * np.array([warmth, 1.0, 1 / warmth])
    hips = performance.joints[:, BODY.index('mid_hip')].astype(float)
    images, background = [], None
    for frame, camera in enumerate(cameras):
        if background is None or not still:
            # a room has few fine edges: it is drawn in the final size
            small = room.draw(_shrunk(camera, settings), frame / actor.fps)
            canvas = Canvas(cv2.resize(small, camera.size[::-1], interpolation=cv2.INTER_LINEAR), camera)
            for center, radius in zip(*performance.shadows):
                canvas.shadow(center, radius)
            canvas.paint(furniture)
            background = canvas.image
        canvas = Canvas(background.copy() if still else background, camera)
        canvas.shadow(hips[frame], 0.3 * actor.height / 1.75)
        view = camera.axes[2]
        person = figure_shapes(performance.joints[frame].astype(float), look, actor.height, view)
        canvas.paint([*performance.shapes(frame), *person])
        images.append(_developed(canvas.image, settings.size, gains, grain, rng))
    return np.stack(images)


def _developed(
    image: np.ndarray, size: tuple[int, int], gains: np.ndarray, grain: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """A painted image in its final size, with the color of the light and the grain of the sensor."""
    small = cv2.resize(image, size[::-1], interpolation=cv2.INTER_AREA).astype(np.float32) * gains
    which, row, column = rng.integers(0, [len(grain), 8, 8])
    small += grain[which, row : row + size[0], column : column + size[1]]
    return np.clip(small, 0, 255).astype(np.uint8)


def _shrunk(camera: RoomCamera, settings: RenderSettings) -> RoomCamera:
    """A camera for the final size of the images."""
    return replace(camera, focal=camera.focal / settings.oversampling, size=settings.size)
