"""The skeleton layouts of the data sets and pose estimators that mmactrep supports."""

from __future__ import annotations

from mmactrep.errors import UserError

from .skeleton_layout import SkeletonLayout

_LAYOUTS: dict[str, SkeletonLayout] = {}


class UnknownLayoutError(UserError, KeyError):
    """A layout that is not registered; the message lists the known ones."""


def register_layout(layout: SkeletonLayout, force: bool = False) -> SkeletonLayout:
    """Make a layout known by its name, so that configs and stores can refer to it.

    Args:
        layout: The layout.
        force: Replace an existing layout of the same name.

    Raises:
        KeyError: If another layout has the name and ``force`` is off.
    """
    known = _LAYOUTS.get(layout.name)
    if known is not None and known != layout and not force:
        raise KeyError(f"a layout named '{layout.name}' is already registered")
    _LAYOUTS[layout.name] = layout
    return layout


def get_layout(layout: str | SkeletonLayout | dict) -> SkeletonLayout:
    """Layout by name; a layout, or its dictionary (see ``SkeletonLayout.to_dict``), is used as it is.

    Raises:
        UnknownLayoutError: If no layout has that name; the message lists the known ones.
    """
    if isinstance(layout, SkeletonLayout):
        return layout
    if isinstance(layout, dict):
        return SkeletonLayout.from_dict(layout)
    if layout not in _LAYOUTS:
        raise UnknownLayoutError(f"unknown skeleton layout '{layout}'; known are {', '.join(list_layouts())}")
    return _LAYOUTS[layout]


def list_layouts() -> list[str]:
    """Names of all registered layouts, sorted."""
    return sorted(_LAYOUTS)


def _limbs(arm_root: str, leg_root: str) -> dict[str, str]:
    """Parents of shoulders, arms, hips and legs; ``{side}`` in a root is filled with the side."""
    parents = {}
    for side in ('left', 'right'):
        parents |= {
            f'{side}_shoulder': arm_root.format(side=side),
            f'{side}_elbow': f'{side}_shoulder',
            f'{side}_wrist': f'{side}_elbow',
            f'{side}_hip': leg_root.format(side=side),
            f'{side}_knee': f'{side}_hip',
            f'{side}_ankle': f'{side}_knee',
        }
    return parents


def _face() -> dict[str, str]:
    return {
        f'{side}_{part}': parent.format(side=side)
        for side in ('left', 'right')
        for part, parent in (('eye', 'nose'), ('ear', '{side}_eye'))
    }


def _names(text: str) -> tuple[str, ...]:
    """Joint names from a short list: ``Lsho`` is left_shoulder, other words are kept as they are."""
    short = dict(sho='shoulder', elb='elbow', wri='wrist', hip='hip', kne='knee', ank='ankle')
    sides = dict(L='left_', R='right_')
    return tuple(sides[w[0]] + short.get(w[1:], w[1:]) if w[0] in sides else w for w in text.split())


LCRNET13 = register_layout(
    SkeletonLayout(
        'lcrnet13',
        _names('Rank Lank Rkne Lkne Rhip Lhip Rwri Lwri Relb Lelb Rsho Lsho head'),
        _limbs('head', '{side}_shoulder'),
    )
)

POSETICS17 = register_layout(
    SkeletonLayout(
        'posetics17',
        _names('head nose neck chest mid_hip Lsho Rsho Lelb Relb Lwri Rwri Lhip Rhip Lkne Rkne Lank Rank'),
        {'mid_hip': 'chest', 'chest': 'neck', 'neck': 'nose', 'nose': 'head'} | _limbs('neck', 'mid_hip'),
        center='neck',
        interpolated=('nose', 'neck', 'chest', 'mid_hip'),
    )
)

COCO17 = register_layout(
    SkeletonLayout(
        'coco17',
        _names('nose Leye Reye Lear Rear Lsho Rsho Lelb Relb Lwri Rwri Lhip Rhip Lkne Rkne Lank Rank'),
        _limbs('nose', '{side}_shoulder') | _face(),
    )
)

OPENPOSE18 = register_layout(
    SkeletonLayout(
        'openpose18',
        _names('nose neck Rsho Relb Rwri Lsho Lelb Lwri Rhip Rkne Rank Lhip Lkne Lank Reye Leye Rear Lear'),
        {'nose': 'neck'} | _limbs('neck', 'neck') | _face(),
    )
)

MOTION15 = register_layout(
    SkeletonLayout(
        'motion15',
        _names('nose neck Rsho Relb Rwri Lsho Lelb Lwri mid_hip Rhip Rkne Rank Lhip Lkne Lank'),
        {'nose': 'neck', 'neck': 'mid_hip'} | _limbs('neck', 'mid_hip'),
    )
)

BODY25 = register_layout(
    SkeletonLayout(
        'body25',
        MOTION15.joints + _names('Reye Leye Rear Lear Lbig_toe Lsmall_toe Lheel Rbig_toe Rsmall_toe Rheel'),
        dict(MOTION15.parents)
        | _face()
        | {
            f'{side}_{part}': f'{side}_{parent}'
            for side in ('left', 'right')
            for part, parent in (('big_toe', 'ankle'), ('small_toe', 'big_toe'), ('heel', 'ankle'))
        },
    )
)

# The body of Halpe full-body, AlphaPose's 26 joints: COCO's, then head (its top), neck, mid-hip and the feet.
HALPE26 = register_layout(
    SkeletonLayout(
        'halpe26',
        COCO17.joints + _names('head neck mid_hip Lbig_toe Rbig_toe Lsmall_toe Rsmall_toe Lheel Rheel'),
        {'head': 'neck', 'nose': 'head', 'mid_hip': 'neck'}
        | _limbs('neck', 'mid_hip')
        | _face()
        | {
            f'{side}_{part}': f'{side}_{parent}'
            for side in ('left', 'right')
            for part, parent in (('big_toe', 'ankle'), ('small_toe', 'big_toe'), ('heel', 'ankle'))
        },
    )
)

# Kinect v2: 'chest' is its SpineMid, 'neck' its SpineShoulder, 'upper_neck' its Neck.
NTU25 = register_layout(
    SkeletonLayout(
        'ntu25',
        _names(
            'mid_hip chest upper_neck head Lsho Lelb Lwri Lhand Rsho Relb Rwri Rhand '
            'Lhip Lkne Lank Lfoot Rhip Rkne Rank Rfoot neck Lhand_tip Lthumb Rhand_tip Rthumb'
        ),
        {'mid_hip': 'chest', 'chest': 'neck', 'upper_neck': 'neck', 'head': 'upper_neck'}
        | _limbs('neck', 'mid_hip')
        | {
            f'{side}_{part}': f'{side}_{parent}'
            for side in ('left', 'right')
            for part, parent in (
                ('hand', 'wrist'),
                ('foot', 'ankle'),
                ('thumb', 'hand'),
                ('hand_tip', 'thumb'),
            )
        },
    )
)

# Kinect v1: 'neck' is its ShoulderCenter; its Spine lies just above the hips, far below a 'chest'.
KINECT20 = register_layout(
    SkeletonLayout(
        'kinect20',
        _names(
            'mid_hip spine neck head Lsho Lelb Lwri Lhand Rsho Relb Rwri Rhand '
            'Lhip Lkne Lank Lfoot Rhip Rkne Rank Rfoot'
        ),
        {'spine': 'mid_hip', 'neck': 'spine', 'head': 'neck'}
        | _limbs('neck', 'mid_hip')
        | {
            f'{side}_{part}': f'{side}_{parent}'
            for side in ('left', 'right')
            for part, parent in (('hand', 'wrist'), ('foot', 'ankle'))
        },
    )
)

# OpenNI's tracker (KARD), whose hands and feet are wrists and ankles here.
KARD15 = register_layout(
    SkeletonLayout(
        'kard15',
        _names('head neck Rsho Relb Rwri Lsho Lelb Lwri torso Rhip Rkne Rank Lhip Lkne Lank'),
        {'neck': 'torso', 'head': 'neck'} | _limbs('neck', 'torso'),
    )
)

HUMAN36M17 = register_layout(
    SkeletonLayout(
        'h36m17',
        _names('mid_hip Rhip Rkne Rank Lhip Lkne Lank chest neck nose head Lsho Lelb Lwri Rsho Relb Rwri'),
        {'chest': 'mid_hip', 'neck': 'chest', 'nose': 'neck', 'head': 'nose'} | _limbs('neck', 'mid_hip'),
    )
)

BLAZEPOSE33 = register_layout(
    SkeletonLayout(
        'blazepose33',
        _names(
            'nose Leye_inner Leye Leye_outer Reye_inner Reye Reye_outer Lear Rear Lmouth Rmouth '
            'Lsho Rsho Lelb Relb Lwri Rwri Lpinky Rpinky Lindex Rindex Lthumb Rthumb '
            'Lhip Rhip Lkne Rkne Lank Rank Lheel Rheel Lfoot Rfoot'
        ),
        _limbs('nose', '{side}_shoulder')
        | {
            f'{side}_{part}': parent.format(side=side)
            for side in ('left', 'right')
            for part, parent in (
                ('eye_inner', 'nose'),
                ('eye', '{side}_eye_inner'),
                ('eye_outer', '{side}_eye'),
                ('ear', '{side}_eye_outer'),
                ('mouth', 'nose'),
                ('pinky', '{side}_wrist'),
                ('index', '{side}_wrist'),
                ('thumb', '{side}_wrist'),
                ('heel', '{side}_ankle'),
                ('foot', '{side}_heel'),
            )
        },
    )
)

PENN13 = register_layout(
    SkeletonLayout(
        'penn13',
        _names('head Lsho Rsho Lelb Relb Lwri Rwri Lhip Rhip Lkne Rkne Lank Rank'),
        _limbs('head', '{side}_shoulder'),
    )
)
