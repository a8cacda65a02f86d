from mmactrep.video.writing import write_video

from .clip_video import (
    contact_sheet,
    crop_to_content,
    fit_to_canvas,
    project_clip,
    render_clip,
    tile,
    write_image,
)
from .pose_overlay import PoseOverlay
from .run_overview import draw_overview
from .run_video import persons_by_frame, render_run, scores_over_time
from .skeleton_drawing import SIDE_COLORS, draw_persons, draw_skeleton, draw_text, joint_sides
from .timeline import draw_timeline

__all__ = [
    'PoseOverlay',
    'SIDE_COLORS',
    'contact_sheet',
    'crop_to_content',
    'draw_overview',
    'draw_persons',
    'draw_skeleton',
    'draw_text',
    'draw_timeline',
    'fit_to_canvas',
    'joint_sides',
    'persons_by_frame',
    'project_clip',
    'render_clip',
    'render_run',
    'scores_over_time',
    'tile',
    'write_image',
    'write_video',
]
