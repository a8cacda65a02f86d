"""Left and right in the names of joints, as data sets and people write them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_OTHER = dict(left='right', Left='Right', LEFT='RIGHT', l='r', L='R')

# From the most explicit notation of a side to the shortest. Group 1 is the side. A single letter beside other
# letters ('LHip', 'Lsho', 'lhip', 'hipL') is a side only if the other side has a joint of the same name;
# find_pairs asks that of all of them.
_WORD = re.compile(r'(left|Left|LEFT)')
_LONE_LETTER = re.compile(r'(?<![A-Za-z0-9])([lL])(?![A-Za-z0-9])')
_FIRST_LETTER = re.compile(r'(?<![A-Za-z0-9])([lL])(?=[A-Za-z]{2})')
_LAST_LETTER = re.compile(r'(?<=[a-z0-9])(L)(?![A-Za-z0-9])')
_LEFT = (_WORD, _LONE_LETTER, _FIRST_LETTER, _LAST_LETTER)
# Patterns that name a side even without a partner to confirm it.
_EITHER = re.compile(r'(?<![a-z])(left|right)|Left|Right|LEFT|RIGHT|(?<![A-Za-z0-9])[lLrR](?![A-Za-z0-9])')


def find_pairs(joints: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Partners on the left and right side of the body, recognized by their names.

    Supported are ``left_hip``, ``LeftHip``, ``hip_left``, ``HipLeft``, ``l_hip``, ``hip_l``, ``hip.L``,
    ``LHip``, ``Lsho``, ``lhip``, ``hipL`` and similar. Both joints of a pair must be written the same way.

    Args:
        joints: Names of the joints.

    Returns:
        (left, right) names, in the order of the left joints.
    """
    free = set(joints)
    pairs = []
    for joint in joints:
        partner = next((name for name in _on_the_right(joint) if name in free and joint in free), None)
        if partner is not None:
            pairs.append((joint, partner))
            free -= {joint, partner}
    return tuple(pairs)


def _on_the_right(joint: str) -> Iterator[str]:
    """Possible names of a left joint's partner, likeliest first."""
    for pattern in _LEFT:
        for found in pattern.finditer(joint):
            yield joint[: found.start()] + _OTHER[found[1]] + joint[found.end() :]


def names_a_side(joint: str) -> bool:
    """Whether a name clearly says on which side of the body the joint is."""
    return _EITHER.search(joint) is not None
