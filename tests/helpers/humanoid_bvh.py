"""BVH test files of a simple figure with Mixamo's joint names."""

from __future__ import annotations

import math

HALF = {  # joint: (parent, offset of the left side in centimeters, T-pose)
    'LeftShoulder': ('Spine1', (4.0, 22.0, 0.0)),
    'LeftArm': ('LeftShoulder', (14.0, 0.0, 0.0)),
    'LeftForeArm': ('LeftArm', (28.0, 0.0, 0.0)),
    'LeftHand': ('LeftForeArm', (26.0, 0.0, 0.0)),
    'LeftUpLeg': ('Hips', (9.0, -4.0, 0.0)),
    'LeftLeg': ('LeftUpLeg', (0.0, -42.0, 0.0)),
    'LeftFoot': ('LeftLeg', (0.0, -40.0, 0.0)),
}
MIDDLE = {
    'Hips': (None, (0.0, 0.0, 0.0)),
    'Spine': ('Hips', (0.0, 12.0, 0.0)),
    'Spine1': ('Spine', (0.0, 15.0, 1.0)),
    'Neck': ('Spine1', (0.0, 24.0, 0.0)),
    'Head': ('Neck', (0.0, 10.0, 2.0)),
}


def tree() -> dict[str, tuple[str | None, tuple[float, float, float]]]:
    """Parent and offset, in centimeters, by joint."""
    joints = dict(MIDDLE)
    for name, (parent, (x, y, z)) in HALF.items():
        joints[name] = (parent, (x, y, z))
        joints[name.replace('Left', 'Right')] = (parent.replace('Left', 'Right'), (-x, y, z))
    return joints


def humanoid_bvh(
    frames: int = 40,
    size: float = 1.0,
    fps: float = 30.0,
    seed: int = 0,
    prefix: str = 'mixamorig:',
    offsets: dict[str, tuple[float, float, float]] | None = None,
    still: bool = False,
) -> str:
    """Text of a BVH file.

    Args:
        frames: Number of frames.
        size: Factor on all bones and on the path.
        fps: Frames per second.
        seed: Seed of the motion: smooth rotations of all joints, and a walk along z.
        prefix: Prefix of the joints' names.
        offsets: Other offsets for some joints.
        still: Use the rest pose in all frames.
    """
    joints = {name: (parent, (offsets or {}).get(name, offset)) for name, (parent, offset) in tree().items()}
    order: list[str] = []
    lines = ['HIERARCHY']

    def write(name: str, depth: int) -> None:
        order.append(name)
        pad = '  ' * depth
        channels = 'Xposition Yposition Zposition ' if depth == 0 else ''
        offset = ' '.join(f'{size * value:.6f}' for value in joints[name][1])
        lines.append(f'{pad}{"JOINT" if depth else "ROOT"} {prefix}{name}')
        lines.append(f'{pad}{{\n{pad}  OFFSET {offset}')
        lines.append(f'{pad}  CHANNELS {6 if depth == 0 else 3} {channels}Zrotation Xrotation Yrotation')
        children = [child for child, (parent, _) in joints.items() if parent == name]
        for child in children:
            write(child, depth + 1)
        if not children:
            lines.append(f'{pad}  End Site\n{pad}  {{\n{pad}    OFFSET 0 {18 * size:.6f} 0\n{pad}  }}')
        lines.append(f'{pad}}}')

    write('Hips', 0)
    lines += ['MOTION', f'Frames: {frames}', f'Frame Time: {1 / fps:.9f}']
    for frame in range(frames):
        time = frame / fps
        row = [0.0, 86 * size, 60 * size * time]
        for number, _ in enumerate(order):
            for axis in range(3):
                swing = 12 * math.sin(2 * math.pi * (0.6 * time + 0.37 * (number + 3 * axis + 5 * seed)))
                row.append(0.0 if still else swing)
        lines.append(' '.join(f'{value:.6f}' for value in row))
    return '\n'.join(lines) + '\n'
