"""Names that mocap files use for the joints of mmactrep's layouts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from mmactrep.files import read_json, shown

from .errors import MotionError

LIMB_JOINTS = ('hip', 'knee', 'ankle', 'shoulder', 'elbow', 'wrist')
REQUIRED = ('head', *(f'{side}_{joint}' for side in ('left', 'right') for joint in LIMB_JOINTS))
"""What a capture must have; neck and mid-hip are the middles of shoulders and hips."""


def _convention(pattern: str, sides: tuple[str, str], names: Sequence[str]) -> dict[str, str]:
    """File name to joint name; ``names`` in the order of ``LIMB_JOINTS``."""
    return {'head': 'head'} | {
        pattern.format(side=written, name=name): f'{side}_{joint}'
        for side, written in zip(('left', 'right'), sides)
        for joint, name in zip(LIMB_JOINTS, names)
    }


CONVENTIONS: dict[str, dict[str, str]] = {
    # also the CMU captures as converted to BVH, and the Xia style set
    'mixamo': _convention(
        '{side}{name}', ('left', 'right'), ('upleg', 'leg', 'foot', 'arm', 'forearm', 'hand')
    ),
    # the CMU captures in Acclaim's own names
    'acclaim': _convention(
        '{side}{name}', ('l', 'r'), ('femur', 'tibia', 'foot', 'humerus', 'radius', 'wrist')
    ),
    # Poser, and files that use plain joint names
    'anatomical': _convention('{side}{name}', ('left', 'right'), LIMB_JOINTS),
    'short': _convention('{side}{name}', ('l', 'r'), ('thigh', 'shin', 'foot', 'shldr', 'forearm', 'hand')),
    'bandai_namco': _convention(
        '{name}{side}', ('l', 'r'), ('upperleg', 'lowerleg', 'foot', 'upperarm', 'lowerarm', 'hand')
    ),
}
"""Name of a convention to its joints: plain lower-case name in a file to joint name."""


def find_joints(
    names: Sequence[str], mapping: Mapping[str, str] | None = None, where: str = 'capture'
) -> dict[str, int]:
    """Find the joints that retargeting needs in a file's names.

    A name's namespace (``mixamorig:``), case, blanks, dashes and underlines do not matter.

    Args:
        names: Joint names of the file.
        mapping: Maps the file's names to mmactrep's joint names, instead of the known conventions.
        where: What to name in an error.

    Returns:
        Maps joint names, all of ``REQUIRED``, to their index in ``names``.

    Raises:
        MotionError: If joints are missing, or two share a name; the message lists the file's names.
    """
    plain: dict[str, int] = {}
    alike: dict[str, list[str]] = {}
    for i, name in enumerate(names):
        plain.setdefault(_plain(name), i)
        alike.setdefault(_plain(name), []).append(name)
    conventions = [{_plain(k): v for k, v in mapping.items()}] if mapping else list(CONVENTIONS.values())
    found = [
        {joint: plain[name] for name, joint in convention.items() if name in plain}
        for convention in conventions
    ]
    best = max(found, key=lambda joints: sum(joint in joints for joint in REQUIRED))
    lacking = [joint for joint in REQUIRED if joint not in best]
    if lacking:
        raise MotionError(
            f'{where}: no joint is known as {", ".join(lacking)}; the file has '
            f'{shown(", ".join(names), 400)}. A mapping '
            "from the file's names to these can be given"
        )
    for joint in REQUIRED:
        same = alike[_plain(names[best[joint]])]
        if len(same) > 1:
            raise MotionError(f'{where}: which joint is {joint}: {" or ".join(map(shown, same[:4]))}?')
    return {joint: best[joint] for joint in REQUIRED}


def read_joint_mapping(path: str | Path) -> dict[str, str]:
    """A mapping for :func:`find_joints` from a JSON file: ``{"name in the capture": "left_elbow", ...}``.

    Raises:
        FileNotFoundError: If there is no such file.
        MotionError, BadFileError: If the file does not contain such a mapping.
    """
    mapping = read_json(path)
    if not (isinstance(mapping, dict) and mapping and all(isinstance(v, str) for v in mapping.values())):
        raise MotionError(f"{path}: expected an object from a file's joint names to names of mmactrep")
    return mapping


def _plain(name: str) -> str:
    name = name.rpartition(':')[2].lower()
    return ''.join(c for c in name if c.isalnum())
