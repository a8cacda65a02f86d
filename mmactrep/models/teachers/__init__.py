"""Frozen teachers: encoders of text and of video, built by name."""

from .base import (
    TeacherInputError,
    TeacherUnavailableError,
    TextTeacher,
    UnknownTeacherError,
    VideoTeacher,
)
from .builder import TEXT_TEACHERS, VIDEO_TEACHERS, build_text_teacher, build_video_teacher
from .prompts import TEMPLATES, TemplateError, encode_classes

__all__ = [
    'TEMPLATES',
    'TEXT_TEACHERS',
    'TeacherInputError',
    'TeacherUnavailableError',
    'TemplateError',
    'TextTeacher',
    'UnknownTeacherError',
    'VIDEO_TEACHERS',
    'VideoTeacher',
    'build_text_teacher',
    'build_video_teacher',
    'encode_classes',
]
