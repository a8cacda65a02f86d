"""A trained recognizer as a function: from annotation dictionaries to class probabilities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.device import get_device

from mmactrep.datasets.pipelines import pipeline_steps
from mmactrep.datasets.transforms.heatmaps import FormatHeatmaps
from mmactrep.datasets.transforms.projection import split_projection
from mmactrep.engine.checkpoints import load_weights, read_checkpoint
from mmactrep.engine.recognizer_outputs import recognizer_outputs
from mmactrep.engine.runner import build_model, building
from mmactrep.engine.trained_on import SEEN, trained_classes, trained_layout
from mmactrep.errors import CheckpointError, InferenceError
from mmactrep.models.heads import TextHead
from mmactrep.packaged import CHECKPOINT_FOLDER, find_model_weights
from mmactrep.registry import TRANSFORMS
from mmactrep.store.layout_source import find_layout
from mmactrep.structures import SkeletonLayout, get_layout, joint_scores
from mmactrep.structures.rejection import REJECTION, Rejection

from .model_config import MODEL_FILE, find_model, is_model_folder, name_of
from .text_labels import DEFAULT_TEXT_CHECKPOINT, Labels, read_labels, set_labels, teacher_of, text_head_of

#: Key of a checkpoint's ``meta``: the persons of a video were learned together.
TOGETHER = 'persons_together'

DEFAULT_CHECKPOINT = CHECKPOINT_FOLDER / 'unik_penn_2d_recommended.pth'


def find_default(
    model: str | Path | Config | None, words: bool = False
) -> tuple[str | Path | Config | None, Path]:
    """Config and checkpoint of a recognizer for which no checkpoint is given.

    Args:
        model: As for :class:`ActionRecognizer`.
        words: Whether the actions are given in words.

    Raises:
        CheckpointError: If a config is given.
        ModelNameError: If a name is given that no model with weights has.
    """
    if model is None:
        return None, DEFAULT_TEXT_CHECKPOINT if words else DEFAULT_CHECKPOINT
    if not isinstance(model, str) or Path(model).exists():
        raise CheckpointError(f'{name_of(model)}: a config needs its checkpoint beside it')
    return None, find_model_weights(model)


class ActionRecognizer:
    """A skeleton recognizer with its test pipeline, from a config and a checkpoint.

    The config's own test pipeline makes the model's input from an annotation dictionary, so predictions equal
    those of ``tools/test.py``.

    Args:
        model: Config file, a ``Config``, or, without ``weights``, the name of a model of the package's
            ``model-index.yml`` (``'unik_penn_2d'``), or the folder of one that ``mmactrep teach`` made.
            Default: the config in the checkpoint, or the one that it names, if that comes with the package. A
            checkpoint is foreign data: no other file is executed for it.
        weights: Checkpoint, or the name of one of the package. Default: UNIK on Penn Action.
        device: For example ``'cpu'`` or ``'cuda:0'``. Default: an accelerator if there is one.
        layout: Layout of the joints that the pipeline takes: a name, a JSON file or a store. Default: the
            one in the checkpoint, else the layout that the config's backbone names.
        classes: Class names. Default: the checkpoint's, else ``'class 0'``, ``'class 1'``, ...
        labels: Actions in words, for a recognizer with a text head, such as T-MOR's: ``'drinking, waving'``,
            a list, or a file (see :func:`~mmactrep.apis.text_labels.read_labels`). ``weights`` defaults to
            T-MOR then.
        text_teacher: The text teacher, or its name. Default: the one that the checkpoint names.
        templates: What labels are put into, see ``mmactrep.models.teachers``.

    Attributes:
        classes: (K,) class names; none if the recognizer takes words and no labels were given.
        layout: Layout of the joints.
        num_channels: Coordinates per joint, 2 or 3.
        num_person: Persons per clip.
        heatmap_size: Pixels of the heatmaps that the network takes in place of coordinates; None of others.
        seen_classes: Names of the classes that it was trained on.
        rejection: When a motion is none of the classes; None if the checkpoint has no calibration.
        together: Whether it was taught on the persons of a video together, see ``mmactrep teach``.
        name: Name of the config.
        cfg: The config.

    Raises:
        FileNotFoundError: If config or checkpoint is absent.
        CheckpointError: If the checkpoint does not fit the config, or neither names the layout.
        ConfigError: If the config cannot be read or built.
        InferenceError: If labels are given to a recognizer without a text head.
        LabelTextError: If a label is empty, or two are equal.
    """

    def __init__(
        self,
        model: str | Path | Config | None = None,
        weights: str | Path | None = None,
        device: str | None = None,
        layout: str | SkeletonLayout | None = None,
        classes: Sequence[str] | None = None,
        labels: Labels | None = None,
        text_teacher: Any = None,
        templates: str | Sequence[str] = ('{}',),
    ) -> None:
        # bad labels are told before a model is loaded
        labels = None if labels is None else read_labels(labels)
        if weights is None and is_model_folder(model):
            model, weights = None, Path(model, MODEL_FILE)
        if weights is None:
            model, weights = find_default(model, labels is not None)
        checkpoint = read_checkpoint(weights)
        meta = checkpoint['meta']
        cfg, state = find_model(model, checkpoint, weights)
        self.cfg = cfg
        self.name = name_of(cfg, weights)
        self.weights = str(weights)
        self.device = torch.device(device or get_device())
        self.model = build_model(cfg, self.name)
        load_weights(self.model, state, self.weights, self.name)
        head = getattr(self.model, 'cls_head', None)
        if getattr(head, 'average_clips', 'prob') is None:
            head.average_clips = 'prob'  # mmaction2 would give logits in place of probabilities
        self.model.to(self.device).eval()
        self.seen_classes = list(meta.get(SEEN) or trained_classes(meta))
        self.text_teacher = text_teacher
        if labels is not None:
            self.set_labels(labels, templates)
        else:
            self.classes = self._class_names(classes, trained_classes(meta))
        self.rejection = None
        if meta.get(REJECTION) is not None and labels is None:
            self.rejection = Rejection.from_dict(meta[REJECTION], weights, len(self.classes))
        self.together = meta.get(TOGETHER) is True
        dataset = cfg.test_dataloader.dataset
        # a model trained on projections takes 2D skeletons
        steps, projected = split_projection(pipeline_steps(dataset.pipeline))
        self.layout = self._find_layout(layout or projected, trained_layout(meta, weights), cfg)
        own = getattr(self.model.backbone, 'in_channels', 3)
        self.num_channels = int(cfg.model.backbone.get('in_channels', own))
        pipeline = pipeline_steps(cfg.get('test_pipeline') or dataset.pipeline)
        self.num_person = next((int(t['num_person']) for t in pipeline if 'num_person' in t), 1)
        self._stream = dataset.get('stream', 'joint')
        with building(f'{self.name}: test pipeline'):
            self._transforms = [TRANSFORMS.build(step) for step in steps]
        drawn = (step.size for step in self._transforms if isinstance(step, FormatHeatmaps))
        self.heatmap_size: int | None = next(drawn, None)

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}({self.name}: {len(self.classes)} classes, {self.num_channels}D joints of '
            f'{self.layout.name}, {self.device})'
        )

    def set_labels(self, labels: Labels, templates: str | Sequence[str] = ('{}',)) -> None:
        """Recognize other actions from now on; arguments and errors as of the class."""
        head = text_head_of(self.model, self.weights)
        labels = read_labels(labels)
        self.text_teacher = teacher_of(head, self.text_teacher, self.weights, self.device)
        self.classes = set_labels(head, labels, self.text_teacher, templates)

    def _class_names(self, classes: Sequence[str] | None, trained: list[str]) -> list[str]:
        count = self.model.cls_head.num_classes
        names = list(classes or trained)
        if classes and len(names) != count:
            raise InferenceError(f'{self.name} has {count} classes, {len(names)} names are given')
        # A head may have more outputs than its training data had classes.
        return names[:count] + [f'class {k}' for k in range(len(names), count)]

    def _find_layout(
        self, layout: str | SkeletonLayout | None, trained: SkeletonLayout | None, cfg: Config
    ) -> SkeletonLayout:
        found = layout or trained or cfg.model.backbone.get('layout')
        if found is None:
            raise CheckpointError(
                f'{self.weights} does not say the layout of the joints that it was trained on, nor does '
                f"{self.name}: pass it (layout='posetics17', or a JSON file, or a store)"
            )
        found = find_layout(found)
        joints = cfg.model.backbone.get('num_joints', found.num_joints)
        if joints != found.num_joints:
            raise CheckpointError(
                f"{self.name} takes {joints} joints, layout '{found.name}' has {found.num_joints}"
            )
        return found

    def __call__(self, clips: Sequence[dict], batch_size: int = 16) -> np.ndarray:
        """Class probabilities of clips.

        Args:
            clips: Annotation dictionaries: ``keypoint`` (M, T, V, C) in :attr:`layout` or in their own
                ``layout``, ``keypoint_score`` (M, T, V), ``total_frames``, ``img_shape``.
            batch_size: Clips per forward pass.

        Returns:
            (N, K) float32.

        Raises:
            InferenceError: If a clip has other channels than the model takes, or its layout lacks joints, or
                if there are no classes.
        """
        self.require_classes()
        return self._run(clips, batch_size, len(self.classes), self._probabilities)

    def judge(self, clips: Sequence[dict], batch_size: int = 16) -> tuple[np.ndarray, np.ndarray]:
        """Class probabilities of clips, and how well each fits a class (see :mod:`~.structures.rejection`).

        Args:
            clips: As in a call.
            batch_size: Clips per forward pass.

        Returns:
            (N, K) and (N,) float32; NaN without :attr:`rejection`.

        Raises:
            InferenceError: As in a call.
        """
        if self.rejection is None:
            return self(clips, batch_size), np.full(len(clips), np.nan, np.float32)
        probabilities, logits, features = self.outputs(clips, batch_size)
        if not len(clips):
            return probabilities, np.zeros(0, np.float32)
        return probabilities, self.rejection.scores(logits, features).astype(np.float32)

    def outputs(
        self, clips: Sequence[dict], batch_size: int = 16
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Probabilities (N, K), logits (N, K) and features (N, C') of clips; arguments as in a call.

        Raises:
            InferenceError: As in a call, and of a recognizer by words, which has no layer of classes.
        """
        self.require_classes()
        if isinstance(getattr(self.model, 'cls_head', None), TextHead):
            raise InferenceError(
                f'{self.weights} compares motions with words: it has no layer of classes whose logits and '
                'features could be calibrated'
            )
        count = len(self.classes)
        found = self._run(clips, batch_size, None, self._all_outputs)
        return found[:, :count], found[:, count : 2 * count], found[:, 2 * count :]

    def _all_outputs(self, batch: dict) -> torch.Tensor:
        return torch.cat(recognizer_outputs(self.model, batch), dim=1)

    def require_classes(self) -> None:
        """Raise an :class:`InferenceError` if actions have to be named first, see :meth:`set_labels`."""
        if not self.classes:
            raise InferenceError(
                f"{self.weights} recognizes actions that are named in words: pass labels=['drinking', ...] "
                '(--labels "drinking, ...")'
            )

    def embed(self, clips: Sequence[dict], batch_size: int = 16) -> np.ndarray:
        """φ_M(E_M) of clips, for a recognizer with a text head: (N, D_p) float32 unit vectors.

        Args:
            clips: As in a call.
            batch_size: Clips per forward pass.

        Raises:
            InferenceError: If it has no text head; or as in a call.
        """
        width = text_head_of(self.model, self.weights).neck.out_channels
        return self._run(clips, batch_size, width, self._embeddings)

    def _probabilities(self, batch: dict) -> torch.Tensor:
        return torch.stack([sample.pred_score.float() for sample in self.model.test_step(batch)])

    def _embeddings(self, batch: dict) -> torch.Tensor:
        inputs = self.model.data_preprocessor(batch, False)['inputs']
        features, _ = self.model.extract_feat(inputs)
        embedded = self.model.cls_head.embed(features).unflatten(0, (len(inputs), -1)).mean(dim=1)
        return torch.nn.functional.normalize(embedded, dim=-1)

    @torch.no_grad()
    def _run(
        self,
        clips: Sequence[dict],
        batch_size: int,
        width: int | None,
        forward: Callable[[dict], torch.Tensor],
    ) -> np.ndarray:
        """What ``forward`` makes of batches of clips, (N, width), in the order of the clips."""
        packed = [self.prepare(clip) for clip in clips]
        found = None if width is None else np.zeros((len(packed), width), np.float32)
        # Pipelines that keep the length of clips make inputs that cannot be stacked.
        by_shape: dict[tuple, list[int]] = {}
        for row, sample in enumerate(packed):
            by_shape.setdefault(tuple(sample['inputs'].shape), []).append(row)
        for rows in by_shape.values():
            for first in range(0, len(rows), batch_size):
                chosen = rows[first : first + batch_size]
                batch = dict(
                    inputs=[packed[row]['inputs'] for row in chosen],
                    data_samples=[packed[row]['data_samples'] for row in chosen],
                )
                rows_found = forward(batch).cpu().numpy().reshape(len(chosen), -1)
                if found is None:
                    found = np.zeros((len(packed), rows_found.shape[1]), np.float32)
                found[chosen] = rows_found
        return np.zeros((0, 0), np.float32) if found is None else found

    def prepare(self, clip: dict) -> dict:
        """One clip through the test pipeline: ``inputs`` (num_clips, M, T, V, C) and ``data_samples``."""
        results = {key: value for key, value in clip.items() if key != 'label'}
        keypoint, score = self.in_own_layout(results)
        results.update(
            keypoint=keypoint,
            keypoint_score=score,
            layout=self.layout,
            total_frames=keypoint.shape[1],
            test_mode=True,
            stream=self._stream,
            rng=np.random.default_rng(0),
        )
        for transform in self._transforms:
            results = transform(results)
        return results

    def in_own_layout(self, clip: dict) -> tuple[np.ndarray, np.ndarray]:
        """Coordinates (M, T, V, C) and scores (M, T, V) of a clip in the model's layout.

        Raises:
            InferenceError: If the clip has other dimensions, or its layout lacks joints.
        """
        keypoint = np.asarray(clip['keypoint'], np.float32)
        name = clip.get('frame_dir', 'a clip')
        if keypoint.ndim != 4 or 0 in keypoint.shape:
            raise InferenceError(
                f'{name}: expected keypoint (persons, frames, joints, channels), found {keypoint.shape}'
            )
        if keypoint.shape[-1] != self.num_channels:
            raise InferenceError(
                f'{name}: {self.name} takes {self.num_channels}D skeletons, these are {keypoint.shape[-1]}D'
            )
        score = clip.get('keypoint_score')
        score = joint_scores(keypoint) if score is None else np.asarray(score, np.float32)
        source = get_layout(clip.get('layout') or self.layout)
        if source == self.layout:
            return keypoint, score
        try:
            return source.mapping_to(self.layout)(keypoint, score)
        except ValueError as error:
            raise InferenceError(f'{name}: {error}') from error
