"""From a video, a stream, frames, skeletons or a stored clip to actions."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from mmengine.config import Config

from mmactrep.structures import SkeletonLayout, get_layout
from mmactrep.structures.poses import PoseTrack

from .pose_inputs import PoseClip, build_estimator, read_input
from .recognizer import ActionRecognizer
from .windows import PersonGroup, WindowScores, mean_scores, score_windows

if TYPE_CHECKING:
    from .streaming import SkeletonStream

#: Frames of a stream, dropped ones included, after which a person not seen is another one.
STREAM_MAX_GAP = 45


class SkeletonInferencer:
    """Skeletons and actions of whatever a user has.

    The way it is called follows mmaction2's and mmpose's inferencers. It is no ``BaseInferencer`` of
    MMEngine: that one pairs an input with a forward pass, here an input gives as many as it has persons
    and windows.

    >>> infer = SkeletonInferencer()                      # MediaPipe trio, UNIK on Penn Action
    >>> result = infer('golf.mp4')                        # doctest: +SKIP
    >>> result['labels'][0], result['scores'][0]          # doctest: +SKIP
    ('golf_swing', 0.93)

    Args:
        model: Config file of the recogniser, or a ``Config``. Default: the one that ``weights`` names.
        weights: Its checkpoint. Default: UNIK on Penn Action, kept in ``demo/checkpoints``.
        device: For example ``'cpu'`` or ``'cuda:0'``. Default: an accelerator where there is one.
        experts: Pose experts, see ``build_experts``: an alias of one or of several, a file, a config, or a
            list of them. They are built when the first video comes.
        layout: Layout of the tracks.
        model_layout: Layout that the recogniser takes, where its checkpoint does not say.
        window: Frames of a sliding window over each track; None predicts each track as a whole.
        stride: Frames from one window to the next. Default: half a window.
        top_k: Labels listed.
        max_tracks: Persons that are kept, the first of the ranking.
        estimator: Further arguments of ``PoseEstimator`` (``min_length`` is 5 for videos here); or an
            estimator, which then serves instead of ``experts``.

    Raises:
        FileNotFoundError: If config or checkpoint is absent.
        CheckpointError: If they do not belong together.
    """

    def __init__(
        self,
        model: str | Path | Config | None = None,
        weights: str | Path | None = None,
        device: str | None = None,
        experts: Any = 'mediapipe-trio',
        layout: str | SkeletonLayout = 'coco17',
        model_layout: str | SkeletonLayout | None = None,
        window: int | None = 120,
        stride: int | None = None,
        top_k: int = 5,
        max_tracks: int | None = None,
        estimator: Any = None,
    ) -> None:
        self.recognizer = ActionRecognizer(model, weights, device, layout=model_layout)
        self.experts = experts
        self.layout = get_layout(layout)
        self.window = window
        self.stride = stride
        self.top_k = top_k
        self.max_tracks = max_tracks
        self._options = dict(estimator) if isinstance(estimator, dict) else {}
        self._given = None if isinstance(estimator, dict) else estimator
        self._estimator = self._given

    @property
    def estimator(self) -> Any:
        """The pose estimator of files, built when it is first asked for."""
        if self._estimator is None:
            self._estimator = self._build_estimator()
        return self._estimator

    def _build_estimator(self, **defaults: Any) -> Any:
        options = defaults | self._options
        return build_estimator(self.experts, self.layout, str(self.recognizer.device), **options)

    def stream(self, **options: Any) -> SkeletonStream:
        """The same experts and recogniser for a source that does not wait.

        Args:
            options: Arguments of :class:`SkeletonStream`.

        Returns:
            A stream with an estimator of its own, unless one was given: it keeps nothing, and bears with
            gaps between the frames that are not dropped.
        """
        from mmactrep.pose.tracking.tracker import TrackingSettings

        from .streaming import SkeletonStream

        estimator = self._given
        if estimator is None:
            tracking = TrackingSettings(max_gap=STREAM_MAX_GAP, min_hits=1)
            estimator = self._build_estimator(online_only=True, tracking=tracking)
        return SkeletonStream(self.recognizer, estimator, **(dict(top_k=self.top_k) | options))

    @property
    def classes(self) -> list[str]:
        """(K,) class names."""
        return self.recognizer.classes

    def __call__(
        self,
        inputs: Any,
        batch_size: int = 8,
        persons: str | None = None,
        max_frames: int | None = None,
        img_shape: tuple[int, int] | None = None,
        file_layout: str | SkeletonLayout | None = None,
    ) -> dict | list[dict]:
        """Skeletons and actions of one input, or of a list of them.

        Args:
            inputs: A video file; a camera (its number) or a stream's address, read to its end or for
                ``max_frames``; frames (T, H, W, 3) uint8 RGB; a skeleton file or folder (see
                ``PrecomputedExpert``); a clip of a store, ``'STORE::CLIP'`` or (store, clip); an annotation
                dictionary with ``keypoint``. A list of inputs gives a list of results.
            batch_size: Frames that go to the experts, and windows that go to the recogniser, at once.
            persons: ``'each'`` recognises every person alone, ``'together'`` all persons as one clip, as many
                as the model takes. Default: together for stored clips and annotation dictionaries, which
                are then predicted as a whole, as ``tools/test.py`` does; each for anything else.
            max_frames: Frames read of a camera or stream.
            img_shape: (H, W) of the picture that a skeleton file belongs to. Default: the extent of its
                joints.
            file_layout: Layout of a skeleton file's joints, where it does not tell.

        Returns:
            A dictionary, or a list of them for a list of inputs:

            - ``labels``, ``scores``: top classes of the whole input and their probabilities, the mean over
              its windows weighted by frames seen; ``class_scores`` (K,) has all.
            - ``tracks``: a dictionary a person with ``track``, ``start``, ``end``, ``keypoint`` (T, V, C) in
              pixels, ``keypoint_score`` (T, V), ``confidence`` (T,) of Eq. 3.4, ``labels``, ``scores``,
              ``class_scores``, and ``windows``: ``start``, ``end``, ``class_scores`` of each.
            - ``windows``: those of all persons together, where they are recognised so.
            - ``timings``: stage to ``seconds`` and ``fps``, frames a second: ``decode``, ``experts``,
              ``aggregation``, ``recognition``; ``expert_timings`` has each expert's.
            - ``input``, ``num_frames``, ``fps``, ``img_shape``, ``layout``, ``classes``.

        Raises:
            FileNotFoundError: If a file is absent.
            InferenceError: If an input cannot be used; ``NoPersonError`` if nobody is found in it.
            UnknownExpertError: If an expert is none; ``ExpertUnavailableError`` if it lacks its package or
                weights.
        """
        if isinstance(inputs, list):
            options = dict(max_frames=max_frames, img_shape=img_shape, file_layout=file_layout)
            return [self(item, batch_size, persons, **options) for item in inputs]
        clip = self.extract(inputs, batch_size, max_frames, img_shape, file_layout)
        return self.recognize(clip, persons, batch_size)

    def extract(
        self,
        source: Any,
        batch_size: int = 8,
        max_frames: int | None = None,
        img_shape: tuple[int, int] | None = None,
        file_layout: str | SkeletonLayout | None = None,
    ) -> PoseClip:
        """The persons of one input; arguments and errors are those of a call."""
        clip = read_input(
            source, lambda: self.estimator, batch_size, max_frames, img_shape, file_layout, self._options
        )
        if self.max_tracks is not None:
            clip.tracks = clip.tracks[: self.max_tracks]
        return clip

    def recognize(self, clip: PoseClip, persons: str | None = None, batch_size: int = 16) -> dict:
        """Actions of persons already found; returns the dictionary of a call."""
        persons = persons or ('each' if clip.annotation is None else 'together')
        if persons not in ('each', 'together'):
            raise ValueError(f"persons must be 'each' or 'together', got {persons!r}")
        begin = time.perf_counter()
        if persons == 'together' and clip.annotation is not None:
            scores = self.recognizer([clip.annotation])[0]
            windows = [[WindowScores(0, clip.num_frames, clip.num_frames, scores)]]
        else:
            groups = (
                [PersonGroup.alone(track) for track in clip.tracks]
                if persons == 'each'
                else [PersonGroup.together(clip.tracks, self.recognizer.num_person)]
            )
            windows = score_windows(
                self.recognizer,
                groups,
                clip.layout,
                clip.img_shape,
                self.window,
                self.stride,
                batch_size=batch_size,
            )
        seconds = dict(clip.seconds, recognition=time.perf_counter() - begin)
        own = windows if persons == 'each' else [[] for _ in clip.tracks]
        result = self._top([window for found in windows for window in found])
        result['windows'] = [] if persons == 'each' else [_window_entry(window) for window in windows[0]]
        result['tracks'] = [self._track_entry(track, found) for track, found in zip(clip.tracks, own)]
        result.update(
            timings={stage: _speed(spent, clip.num_frames) for stage, spent in seconds.items()},
            expert_timings={
                name: _speed(spent, clip.num_frames) for name, spent in clip.expert_seconds.items()
            },
            input=clip.name,
            num_frames=clip.num_frames,
            fps=clip.fps,
            img_shape=clip.img_shape,
            layout=clip.layout.name,
            classes=self.classes,
        )
        return result

    def _top(self, windows: Sequence[WindowScores]) -> dict:
        scores = mean_scores(windows, len(self.classes))
        return dict(
            zip(('labels', 'scores'), top_classes(scores, self.classes, self.top_k)), class_scores=scores
        )

    def _track_entry(self, track: PoseTrack, windows: Sequence[WindowScores]) -> dict:
        return dict(
            track=track.track,
            start=track.start,
            end=track.end,
            keypoint=track.keypoint,
            keypoint_score=track.score,
            confidence=track.confidence,
            windows=[_window_entry(window) for window in windows],
            **self._top(windows),
        )


def top_classes(scores: np.ndarray, classes: Sequence[str], count: int) -> tuple[list[str], list[float]]:
    """Names and probabilities of the classes with the highest scores (K,); none where all are 0."""
    if not scores.any():
        return [], []
    order = np.argsort(-scores, kind='stable')[:count]
    return [classes[k] for k in order], [float(scores[k]) for k in order]


def _speed(seconds: float, num_frames: int) -> dict[str, float]:
    return dict(seconds=seconds, fps=num_frames / max(seconds, 1e-9))


def _window_entry(window: WindowScores) -> dict:
    return dict(start=window.start, end=window.end, class_scores=window.scores)
