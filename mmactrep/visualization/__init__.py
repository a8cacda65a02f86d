from .clip_video import (
    contact_sheet,
    fit_to_canvas,
    project_clip,
    render_clip,
    tile,
    write_image,
    write_video,
)
from .skeleton_drawing import SIDE_COLORS, draw_persons, draw_skeleton, draw_text, joint_sides

__all__ = [
    'SIDE_COLORS',
    'contact_sheet',
    'draw_persons',
    'draw_skeleton',
    'draw_text',
    'fit_to_canvas',
    'joint_sides',
    'project_clip',
    'render_clip',
    'tile',
    'write_image',
    'write_video',
]
