"""A person's body and clothes around the joints of a procedural motion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmactrep.motion.body import BODY, SIDES

from .painting import Solid
from .textures import draw_color, shade

_SKIN = (
    (244, 208, 177), (231, 188, 145), (208, 161, 118), (172, 122, 82), (132, 88, 58), (96, 62, 42),
)  # fmt: skip
_HAIR = ((30, 24, 20), (68, 46, 30), (120, 82, 45), (196, 160, 96), (150, 145, 140), (110, 44, 24))
_REFERENCE_HEIGHT = 1.75
_INDEX = {name: i for i, name in enumerate(BODY.joints)}


@dataclass(frozen=True)
class Look:
    """How a person looks.

    Args:
        skin, hair, top, trousers, shoes, pattern: Colors (3,) RGB; the last is that of stripes and print.
        build: Factor on the thickness of trunk and limbs.
        long_sleeves, long_trousers: What the clothes cover.
        bands: Stripes on the limbs' clothes, as shares of their length.
        trunk_bands: Stripes around the trunk.
        print_size: Radius of a print on the chest, meters; 0 for none.
        long_hair: Whether the hair falls on the neck.
    """

    skin: np.ndarray
    hair: np.ndarray
    top: np.ndarray
    trousers: np.ndarray
    shoes: np.ndarray
    pattern: np.ndarray
    build: float = 1.0
    long_sleeves: bool = True
    long_trousers: bool = True
    bands: tuple[float, ...] = ()
    trunk_bands: tuple[float, ...] = ()
    print_size: float = 0.0
    long_hair: bool = False


def draw_look(rng: np.random.Generator) -> Look:
    """A random look."""
    top = draw_color(rng, (0.2, 0.95), (0.3, 0.95))
    striped = rng.random() < 0.45
    count = int(rng.integers(2, 5))
    return Look(
        skin=np.array(_SKIN[rng.integers(len(_SKIN))], np.float32),
        hair=np.array(_HAIR[rng.integers(len(_HAIR))], np.float32),
        top=top,
        trousers=draw_color(rng, (0.1, 0.7), (0.15, 0.75)),
        shoes=draw_color(rng, (0.0, 0.6), (0.1, 0.9)),
        pattern=draw_color(rng, (0.1, 0.9), (0.4, 1.0)) if rng.random() < 0.7 else shade(top, 0.45),
        build=rng.uniform(0.88, 1.22),
        long_sleeves=bool(rng.random() < 0.6),
        long_trousers=bool(rng.random() < 0.75),
        bands=tuple(np.linspace(0.12, 0.92, count)) if striped else (),
        trunk_bands=tuple(np.linspace(0.1, 0.9, count + 1)) if striped else (),
        print_size=float(rng.uniform(0.05, 0.11)) if not striped and rng.random() < 0.7 else 0.0,
        long_hair=bool(rng.random() < 0.4),
    )


def figure_shapes(joints: np.ndarray, look: Look, height: float, view: np.ndarray) -> list[Solid]:
    """The solids of a person.

    Args:
        joints: (J, 3) of ``BODY``, world coordinates, meters.
        look: How the person looks.
        height: Of the person, meters: bodies get thicker with it.
        view: (3,) direction in which the camera looks.
    """
    size = height / _REFERENCE_HEIGHT

    def at(name: str) -> np.ndarray:
        return joints[_INDEX[name]]

    def limb(first, second, radii, color, clothed=False, build=1.0, nearer=0.0) -> Solid:
        ends = np.stack(
            [
                at(first) if isinstance(first, str) else first,
                at(second) if isinstance(second, str) else second,
            ]
        )
        bands = look.bands if clothed else ()
        return Solid(ends, np.array(radii) * size * build, color, bands, look.pattern, nearer)

    thick = 0.5 + 0.5 * look.build
    shapes = []
    for side in SIDES:
        forearm = look.top if look.long_sleeves else look.skin
        shin = look.trousers if look.long_trousers else look.skin
        knee = look.trousers
        shapes += [
            limb(f'{side}_hip', f'{side}_knee', (0.088, 0.062), knee, build=thick),
            limb(f'{side}_knee', f'{side}_ankle', (0.06, 0.042), shin, build=thick),
            limb(f'{side}_heel', f'{side}_foot', (0.042, 0.034), look.shoes),
            limb(f'{side}_shoulder', f'{side}_elbow', (0.058, 0.045), look.top, clothed=True, build=thick),
            limb(f'{side}_elbow', f'{side}_wrist', (0.043, 0.032), forearm, look.long_sleeves, thick, 0.02),
            limb(f'{side}_wrist', f'{side}_hand_tip', (0.034, 0.024), look.skin, nearer=0.03),
        ]
    shapes += _trunk(at, look, size, view)
    shapes += _head(at, look, size, view)
    return shapes


def _trunk(at, look: Look, size: float, view: np.ndarray) -> list[Solid]:
    shoulders, hips = (np.stack([at(f'{side}_{name}') for side in SIDES]) for name in ('shoulder', 'hip'))
    build = look.build
    waist = at('chest')
    pelvis = Solid(
        np.concatenate([hips, waist[None]]),
        np.array([0.095, 0.095, 0.085]) * size * build,
        look.trousers,
    )
    balls = np.concatenate(
        [shoulders * 0.92 + at('neck') * 0.08, waist[None], at('mid_hip')[None] * 0.75 + waist * 0.25]
    )
    chest = Solid(balls, np.array([0.068, 0.068, 0.115, 0.115]) * size * build, look.top, nearer=0.02)
    shapes = [pelvis, chest]
    across = shoulders[0] - shoulders[1]
    up = at('neck') - at('mid_hip')
    front = np.cross(across, up)
    front = front / max(float(np.linalg.norm(front)), 1e-6)
    facing = -float(front @ view)
    if look.print_size and facing > 0.3:
        place = 0.5 * (waist + at('neck')) + front * 0.1 * size * build * facing
        shapes.append(
            Solid(place[None], np.array([look.print_size * size * facing]), look.pattern, nearer=0.03)
        )
    for share in look.trunk_bands:
        # rings around the trunk: short rods from side to side, before and behind it
        middle = at('neck') + share * (at('mid_hip') - at('neck'))
        reach = (0.16 - 0.05 * share) * size * build * across / max(float(np.linalg.norm(across)), 1e-6)
        for sign in (-1, 1):
            depth = sign * front * 0.07 * size * build
            rod = np.stack([middle - 0.8 * reach + depth, middle + 0.8 * reach + depth])
            shapes.append(Solid(rod, np.full(2, 0.018 * size), look.pattern, nearer=0.025))
    return shapes


def _head(at, look: Look, size: float, view: np.ndarray) -> list[Solid]:
    neck, top, nose = at('neck'), at('head'), at('nose')
    center = 0.3 * neck + 0.7 * top
    ahead = nose - center
    ahead = ahead - (ahead @ (top - neck)) * (top - neck) / max(float((top - neck) @ (top - neck)), 1e-6)
    ahead = ahead / max(float(np.linalg.norm(ahead)), 1e-6)
    up = (top - neck) / max(float(np.linalg.norm(top - neck)), 1e-6)
    skull = 0.102 * size
    chin = center + (0.025 * ahead - 0.045 * up) * size
    shapes = [
        Solid(np.stack([neck - 0.02 * up * size, center]), np.array([0.052, 0.05]) * size, look.skin),
        Solid(
            np.stack([center + 0.01 * up * size, chin]),
            np.array([skull, 0.078 * size]),
            look.skin,
            nearer=0.01,
        ),
    ]
    crown = center + (0.04 * up - 0.03 * ahead) * size
    back = center + (-0.045 * ahead - 0.02 * up) * size
    balls, radii = [crown, back], [0.098 * size, 0.088 * size]
    if look.long_hair:
        balls.append(neck + (-0.07 * ahead + 0.02 * up) * size)
        radii.append(0.07 * size)
    # hair hides the face from behind, and frames it from the front
    facing = -float(ahead @ view)
    shapes.append(Solid(np.stack(balls), np.array(radii), look.hair, nearer=-0.08 * facing))
    if facing > 0.15:
        for side in SIDES:
            eye = at(f'{side}_eye') + 0.02 * ahead * size
            shapes.append(Solid(eye[None], np.array([0.009 * size]), np.array([25, 20, 20]), nearer=0.2))
    return shapes
