"""Actions from a video, a stream, frames, skeletons or a stored clip."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from mmengine.config import Config

from mmactrep.errors import UserError
from mmactrep.pose.experts.base import ExpertUnavailableError, UnknownExpertError
from mmactrep.pose.tracking.tracker import TrackingSettings
from mmactrep.store.layout_source import find_layout
from mmactrep.structures import SkeletonLayout
from mmactrep.structures.recognition import (
    ActionWindow,
    PersonActions,
    RecognitionResult,
    judge,
    mean_scores,
    top_classes,
)

from .batch_error import BatchError
from .onnx_recognizer import open_recognizer
from .pose_clip import PoseClip
from .pose_inputs import Progress, build_estimator, read_input
from .text_labels import Labels
from .windows import PersonGroup, score_windows

if TYPE_CHECKING:
    from mmactrep.video.frame_sources import FrameSource

    from .stream_experts import ExpertChoice
    from .streaming import ActionStream, StreamResult

#: A person who is not seen for more frames of a stream, dropped ones included, gets a new track.
STREAM_MAX_GAP = 45


class SkeletonInferencer:
    """Skeletons and actions from any kind of input.

    It is called like the inferencers of mmaction2 and mmpose. It does not derive from MMEngine's
    ``BaseInferencer``, which runs one forward pass per input: here every person and window needs one.

    >>> infer = SkeletonInferencer()                      # the default trio, UNIK on Penn Action
    >>> result = infer('golf.mp4')                        # doctest: +SKIP
    >>> result.labels[0], result.scores[0]                # doctest: +SKIP
    ('golf_swing', 0.93)

    Args:
        model: Config file of the recognizer, or a ``Config``; or, without ``weights``, the name of a model
            that comes with the package, ``'unik_penn_2d'``. Default: the config in ``weights``, or named by
            it.
        weights: Its checkpoint, or the name of one. Default: UNIK on Penn Action or, with ``labels``, T-MOR;
            both come with the package.
        device: For example ``'cpu'`` or ``'cuda:0'``. Default: an accelerator if there is one.
        experts: Pose experts, see ``build_experts``: an alias of one or several, a file, a config, or a list
            of these. They are built on the first video.
        layout: Layout of the tracks: a name, file or store (``find_layout``).
        model_layout: Layout that the recognizer takes, if its checkpoint does not name it.
        window: Frames of a sliding window over each track; None predicts each track as a whole.
        stride: Frames from one window to the next. Default: half a window.
        top_k: Number of labels listed.
        max_tracks: Most persons kept, the most important first.
        estimator: Further arguments of ``PoseEstimator`` (``min_length`` defaults to 5 for videos here), or
            an estimator, which is then used instead of ``experts``.
        labels: The actions in words, ``['drinking', 'waving']``, instead of the classes of the training; the
            recognizer needs a text head, as T-MOR's has. See
            :func:`~mmactrep.apis.text_labels.read_labels`; :meth:`set_labels` changes them.
        backend: ``'torch'``, or ``'onnx'`` for a file of ``mmactrep export``, ``weights='model.onnx'``.

    Raises:
        FileNotFoundError: If config or checkpoint is absent.
        CheckpointError: If they do not fit each other.
        InferenceError: If labels are given to a recognizer without a text head, or are lacking for one.
        LabelTextError: If a label is empty, or two are equal.
    """

    def __init__(
        self,
        model: str | Path | Config | None = None,
        weights: str | Path | None = None,
        device: str | None = None,
        experts: Any = 'default',
        layout: str | SkeletonLayout = 'coco17',
        model_layout: str | SkeletonLayout | None = None,
        window: int | None = 120,
        stride: int | None = None,
        top_k: int = 5,
        max_tracks: int | None = None,
        estimator: Any = None,
        labels: Labels | None = None,
        backend: str = 'torch',
    ) -> None:
        self.recognizer = open_recognizer(backend, model, weights, device, layout=model_layout, labels=labels)
        self.recognizer.require_classes()
        self.experts = experts
        self.layout = find_layout(layout)
        self.window = window
        self.stride = stride
        self.top_k = top_k
        self.max_tracks = max_tracks
        self._options = dict(estimator) if isinstance(estimator, dict) else {}
        self._given = None if isinstance(estimator, dict) else estimator
        self._estimator = self._given

    @property
    def estimator(self) -> Any:
        """The pose estimator for files, built on first use."""
        if self._estimator is None:
            self._estimator = self._build_estimator()
        return self._estimator

    def _build_estimator(self, experts: Any = None, **defaults: Any) -> Any:
        options = defaults | self._options
        experts = self.experts if experts is None else experts
        return build_estimator(experts, self.layout, str(self.recognizer.device), **options)

    def stream(self, estimator: Any = None, **options: Any) -> ActionStream:
        """The same experts and recognizer for a live source.

        Args:
            estimator: An estimator of :meth:`stream_estimator`. Default: a new one of the same experts.
            options: Arguments of :class:`ActionStream`.

        Returns:
            A stream with its own estimator, unless one was given: it keeps no tracks, and tolerates the gaps
            that dropped frames leave.
        """
        from .streaming import ActionStream

        estimator = self.stream_estimator() if estimator is None else estimator
        return ActionStream(self.recognizer, estimator, **(dict(top_k=self.top_k) | options))

    def stream_estimator(self, experts: Any = None) -> Any:
        """The estimator of :meth:`stream`, of these experts instead of the inferencer's if they are given."""
        if self._given is not None and experts is None:
            return self._given
        tracking = TrackingSettings(max_gap=STREAM_MAX_GAP, min_hits=1)
        return self._build_estimator(experts, online_only=True, tracking=tracking)

    def stream_that_keeps_up(
        self, source: str | int | Path, work: Callable[[StreamResult], Any] | None = None, **options: Any
    ) -> tuple[ActionStream, FrameSource, ExpertChoice]:
        """A stream with the best experts that process this source as fast as it plays on this machine.

        >>> stream, source, choice = infer.stream_that_keeps_up(0)    # doctest: +SKIP
        >>> print(choice)                                             # doctest: +SKIP
        >>> for result in stream.run(source):                         # doctest: +SKIP
        ...     print(result.scores)

        Args:
            source: A camera number, an address or a file.
            work: What else is done with each result, such as drawing it; its time counts.
            options: Arguments of :class:`ActionStream`.

        Returns:
            The stream; the opened source, which still has all its frames; and what was chosen and why, see
            :func:`~mmactrep.apis.stream_experts.choose_experts`.

        Raises:
            FileNotFoundError, InferenceError: If the source cannot be opened.
        """
        from mmactrep.pose.experts.builder import stream_candidates
        from mmactrep.video.frame_sources import open_frames

        from .stream_experts import choose_experts

        opened = open_frames(source)
        try:
            choice, opened = choose_experts(
                opened,
                stream_candidates(),
                self.stream_estimator,
                lambda estimator: self.stream(estimator, **options),
                work,
            )
        except BaseException:
            opened.close()
            raise
        return self.stream(choice.estimator, **options), opened, choice

    def __repr__(self) -> str:
        experts = self.experts if isinstance(self.experts, str) else 'experts of its own'
        if isinstance(self.experts, (list, tuple)) and all(isinstance(each, str) for each in self.experts):
            experts = ' '.join(self.experts)
        window = 'whole tracks' if self.window is None else f'windows of {self.window} frames'
        return f'{type(self).__name__}({self.recognizer!r}, {experts}, {window})'

    @property
    def classes(self) -> list[str]:
        """(K,) class names."""
        return self.recognizer.classes

    def set_labels(self, labels: Labels) -> None:
        """Recognize other actions from now on, in streams that run too; see ``labels`` of the class."""
        self.recognizer.set_labels(labels)

    def __call__(
        self,
        inputs: Any,
        batch_size: int = 8,
        persons: str | None = None,
        max_frames: int | None = None,
        img_shape: tuple[int, int] | None = None,
        file_layout: str | SkeletonLayout | None = None,
        progress: Progress | None = None,
    ) -> RecognitionResult | list[RecognitionResult]:
        """Skeletons and actions of one input, or of a list of them.

        Args:
            inputs: A video file, or a ``VideoFrames``; a camera (its number) or a stream (its address), read
                to its end or for ``max_frames``; frames (T, H, W, 3) uint8 RGB; a skeleton file or folder
                (see ``read_poses``); a clip of a store, ``'STORE::CLIP'`` or (store, clip); an annotation
                dictionary with ``keypoint``. A list of inputs gives a list of results.
            batch_size: Frames per call of the experts, and windows per forward pass of the recognizer.
            persons: ``'each'`` recognizes every person separately, ``'together'`` as many persons as the
                model takes as one clip. Default: together for stored clips and annotation dictionaries,
                which are then predicted as a whole, as ``tools/test.py`` does; each for everything else.
            max_frames: Most frames read from a camera or stream.
            img_shape: (H, W) of the picture that a skeleton file belongs to. Default: the extent of its
                joints.
            file_layout: Layout of a skeleton file's joints, if the file does not determine it.
            progress: Called while the pose experts run, with the number of frames so far.

        Returns:
            The persons with their tracks, windows and classes; labels and scores of the whole input; the time
            of each stage. ``to_dict`` of the result gives plain containers.

        Raises:
            FileNotFoundError: If a file is absent.
            InferenceError: If an input cannot be used; ``NoPersonError`` if nobody is found in it.
            BatchError: If some inputs of a list cannot be used; raised after all have been processed, with
                the results of the others.
            UnknownExpertError: If there is no such expert; ``ExpertUnavailableError`` if it lacks its package
                or weights.
        """
        options = dict(max_frames=max_frames, img_shape=img_shape, file_layout=file_layout, progress=progress)
        if isinstance(inputs, list):
            return self._batch(inputs, batch_size, persons, options)
        return self.recognize(self.extract(inputs, batch_size, **options), persons, batch_size)

    def iterate(
        self, inputs: Iterable[Any], **options: Any
    ) -> Iterator[tuple[Any, RecognitionResult | UserError | OSError]]:
        """Yield every input with its result, or with the error if it cannot be used.

        Args:
            inputs: As in a call.
            options: Further arguments of a call.

        Raises:
            UnknownExpertError, ExpertUnavailableError: At the first input, as all others would fail too.
        """
        for item in inputs:
            try:
                result = self(item, **options)
            except (UnknownExpertError, ExpertUnavailableError):
                raise
            except (UserError, OSError) as error:
                result = error
            yield item, result

    def _batch(
        self, inputs: list, batch_size: int, persons: str | None, options: dict
    ) -> list[RecognitionResult]:
        found = [each for _, each in self.iterate(inputs, batch_size=batch_size, persons=persons, **options)]
        failed = {k: each for k, each in enumerate(found) if isinstance(each, Exception)}
        if failed:
            raise BatchError(found, failed)
        return found

    def extract(
        self,
        source: Any,
        batch_size: int = 8,
        max_frames: int | None = None,
        img_shape: tuple[int, int] | None = None,
        file_layout: str | SkeletonLayout | None = None,
        progress: Progress | None = None,
    ) -> PoseClip:
        """The persons of one input; arguments and errors as in a call."""
        clip = read_input(
            source,
            lambda: self.estimator,
            batch_size,
            max_frames,
            img_shape,
            file_layout,
            self._options,
            progress,
        )
        if self.max_tracks is not None:
            clip.tracks = clip.tracks[: self.max_tracks]
        return clip

    def recognize(
        self, clip: PoseClip, persons: str | None = None, batch_size: int = 16
    ) -> RecognitionResult:
        """Actions of persons that were extracted before."""
        together = clip.annotation is not None or self.recognizer.together
        persons = persons or ('together' if together else 'each')
        if persons not in ('each', 'together'):
            raise ValueError(f"persons must be 'each' or 'together', got {persons!r}")
        begin = time.perf_counter()
        if persons == 'together' and clip.annotation is not None:
            scores, known = self.recognizer.judge([clip.annotation])
            windows = [[ActionWindow(0, clip.num_frames, clip.num_frames, scores[0], float(known[0]))]]
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
        recognition = time.perf_counter() - begin
        own = windows if persons == 'each' else [[] for _ in clip.tracks]
        every = [window for found in windows for window in found]
        whole = self._top(every)
        rejection, count = self.recognizer.rejection, len(self.classes)
        return RecognitionResult(
            name=clip.name,
            layout=clip.layout,
            img_shape=clip.img_shape,
            num_frames=clip.num_frames,
            classes=self.classes,
            persons=[
                PersonActions(track, found, *self._top(found), judge(found, rejection, count))
                for track, found in zip(clip.tracks, own)
            ],
            windows=[] if persons == 'each' else windows[0],
            class_scores=whole[0],
            labels=whole[1],
            scores=whole[2],
            fps=clip.fps,
            num_experts=clip.num_experts,
            seconds=dict(clip.seconds, recognition=recognition),
            expert_seconds=dict(clip.expert_seconds),
            notes=list(clip.notes),
            verdict=judge(every, rejection, count),
            rejection=rejection,
        )

    def _top(self, windows: Sequence[ActionWindow]) -> tuple[np.ndarray, list[str], list[float]]:
        """Mean class scores of windows, their top classes, and the probabilities of these."""
        scores = mean_scores(windows, len(self.classes))
        return scores, *top_classes(scores, self.classes, self.top_k)
