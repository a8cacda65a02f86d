"""The Python interface. Modules are loaded when one of their names is first used."""

from __future__ import annotations

from mmactrep.errors import CheckpointError, InferenceError, NoPersonError
from mmactrep.lazy_imports import lazy_attributes

_PLACES = dict(
    ActionRecognizer='recognizer',
    ActionSegmenter='action_segmenter',
    ActionStream='streaming',
    BatchError='batch_error',
    OnnxRecognizer='onnx_recognizer',
    OnnxSegmenter='onnx_recognizer',
    SkeletonInferencer='skeleton_inferencer',
    StreamingSegmentor='streaming_segmentor',
    load_generator='motion_inputs',
    load_text_recognizer='text_recognizer',
    read_motion='motion_inputs',
)

__all__ = ['CheckpointError', 'InferenceError', 'NoPersonError', *_PLACES]

__getattr__, __dir__ = lazy_attributes(__name__, _PLACES)
