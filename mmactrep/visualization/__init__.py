"""Pictures and videos. Names are imported on first use, as OpenCV and matplotlib are slow to import."""

from __future__ import annotations

from mmactrep.lazy_imports import lazy_attributes

_PLACES = dict(
    PoseOverlay='pose_overlay',
    SIDE_COLORS='skeleton_drawing',
    contact_sheet='clip_video',
    crop_to_content='clip_video',
    draw_clip_sheet='clip_sheet',
    draw_features='feature_plot',
    draw_overview='run_overview',
    draw_persons='skeleton_drawing',
    draw_skeleton='skeleton_drawing',
    draw_text='skeleton_drawing',
    draw_time_order='time_plot',
    draw_timeline='timeline',
    embed_features='feature_plot',
    fit_to_canvas='clip_video',
    joint_sides='skeleton_drawing',
    persons_at='run_video',
    project_clip='clip_video',
    render_clip='clip_video',
    render_run='run_video',
    tile='clip_video',
    write_dataset_page='dataset_page',
    write_image='clip_video',
    write_video='.video.writing',
)

__all__ = [*_PLACES]

__getattr__, __dir__ = lazy_attributes(__name__, _PLACES)
