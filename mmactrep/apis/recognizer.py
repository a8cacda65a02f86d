"""A trained recogniser as a function: annotation dictionaries in, class probabilities out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.registry import DefaultScope

import mmactrep
from mmactrep.datasets.pipelines import pipeline_steps
from mmactrep.engine.composed_config import compose_config
from mmactrep.errors import CheckpointError, InferenceError
from mmactrep.registry import MODELS, TRANSFORMS
from mmactrep.structures import SkeletonLayout, get_layout

REPOSITORY = Path(mmactrep.__file__).resolve().parents[1]
DEFAULT_CHECKPOINT = REPOSITORY / 'demo' / 'checkpoints' / 'unik_penn_2d_recommended.pth'


def load_checkpoint_file(path: str | Path) -> dict:
    """Read a checkpoint with ``weights_only=True``.

    Returns:
        A dictionary with ``state_dict`` and ``meta`` (which may be empty).

    Raises:
        FileNotFoundError: If there is no such file.
        CheckpointError: If it is no checkpoint.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f'{path}: no such checkpoint')
    try:
        content = torch.load(path, map_location='cpu', weights_only=True)
    except Exception as error:  # torch raises whatever its unpickler and zip reader meet
        reason = str(error).strip().split('\n')[0]
        raise CheckpointError(f'{path}: cannot be read as a checkpoint: {reason}') from error
    if not isinstance(content, dict) or not isinstance(content.get('state_dict'), dict):
        raise CheckpointError(f"{path}: expected a checkpoint with 'state_dict', found {_kind(content)}")
    return dict(state_dict=content['state_dict'], meta=content.get('meta') or {})


def load_weights(model: torch.nn.Module, weights: dict[str, torch.Tensor], path: str, config: str) -> None:
    """Load a state dictionary that must fit in full; half precision is cast to the model's own.

    Raises:
        CheckpointError: With the first names that do not fit.
    """
    weights = {name.removeprefix('module.'): value for name, value in weights.items()}
    try:
        model.load_state_dict(weights, strict=True)
    except RuntimeError as error:
        lines = [line.strip() for line in str(error).split('\n')[1:] if line.strip()]
        what = lines[0] if lines else str(error)
        what = what if len(what) < 240 else what[:240] + ' ...'
        more = f' (and {len(lines) - 1} more)' if len(lines) > 1 else ''
        raise CheckpointError(f'{path} does not fit {config}: {what}{more}') from error


class ActionRecognizer:
    """A skeleton recogniser with its test pipeline, by config and checkpoint.

    The config's own test pipeline makes the model's input from an annotation dictionary, so what is
    predicted here is what ``tools/test.py`` predicts.

    Args:
        model: Config file, or a ``Config``. Default: the one that the checkpoint names, where that is a
            file of this repository.
        weights: Checkpoint. Default: UNIK on Penn Action, kept in ``demo/checkpoints``.
        device: For example ``'cpu'`` or ``'cuda:0'``. Default: an accelerator where there is one.
        layout: Layout of the joints that the pipeline takes. Default: what the checkpoint says it was
            trained on, else the layout that the config's backbone names.
        classes: Class names. Default: the checkpoint's, else ``'class 0'``, ``'class 1'``, ...

    Attributes:
        classes: (K,) class names.
        layout: Layout of the joints taken.
        num_channels: 2 or 3 coordinates.
        num_person: Persons of one clip.
        name: Of the config.
        cfg: The config.

    Raises:
        FileNotFoundError: If config or checkpoint is absent.
        CheckpointError: If the checkpoint does not fit the config, or neither tells the layout.
    """

    def __init__(
        self,
        model: str | Path | Config | None = None,
        weights: str | Path | None = None,
        device: str | None = None,
        layout: str | SkeletonLayout | None = None,
        classes: Sequence[str] | None = None,
    ) -> None:
        if weights is None:
            if model is not None:
                raise CheckpointError(f'{_name_of(model)}: a config needs its checkpoint beside it')
            weights = DEFAULT_CHECKPOINT
        checkpoint = load_checkpoint_file(weights)
        meta = checkpoint['meta']
        cfg = _read_config(model, meta, weights)
        self.cfg = cfg
        self.name = _name_of(cfg)
        self.weights = str(weights)
        self.device = torch.device(device or get_device())
        trained_on = meta.get('dataset_meta') or {}
        # The children of mmaction2's models are built from its registry, which looks into the default scope.
        with DefaultScope.overwrite_default_scope(cfg.get('default_scope', 'mmactrep')):
            self.model = MODELS.build(cfg.model)
        load_weights(self.model, checkpoint['state_dict'], self.weights, self.name)
        self.model.to(self.device).eval()
        self.classes = self._class_names(classes, trained_on)
        self.layout = self._find_layout(layout, trained_on, cfg)
        self.num_channels = int(cfg.model.backbone.get('in_channels', 3))
        dataset = cfg.test_dataloader.dataset
        pipeline = pipeline_steps(cfg.get('test_pipeline') or dataset.pipeline)
        self.num_person = next((int(t['num_person']) for t in pipeline if 'num_person' in t), 1)
        self._stream = dataset.get('stream', 'joint')
        self._transforms = [TRANSFORMS.build(transform) for transform in pipeline_steps(dataset.pipeline)]

    def _class_names(self, classes: Sequence[str] | None, trained_on: dict) -> list[str]:
        count = self.model.cls_head.num_classes
        names = list(classes or trained_on.get('classes') or [])
        if classes and len(names) != count:
            raise InferenceError(f'{self.name} has {count} classes, {len(names)} names are given')
        # A head may have more outputs than the data set it was trained on had classes.
        return names[:count] + [f'class {k}' for k in range(len(names), count)]

    def _find_layout(
        self, layout: str | SkeletonLayout | None, trained_on: dict, cfg: Config
    ) -> SkeletonLayout:
        found = layout or trained_on.get('layout') or cfg.model.backbone.get('layout')
        if found is None:
            raise CheckpointError(
                f'{self.weights} does not say the layout of the joints that it was trained on, nor does '
                f"{self.name}: pass it (layout='posetics17')"
            )
        try:
            found = get_layout(found)
        except KeyError as error:
            raise CheckpointError(f'{self.weights}: {error.args[0]}') from error
        joints = cfg.model.backbone.get('num_joints', found.num_joints)
        if joints != found.num_joints:
            raise CheckpointError(
                f"{self.name} takes {joints} joints, layout '{found.name}' has {found.num_joints}"
            )
        return found

    @torch.no_grad()
    def __call__(self, clips: Sequence[dict], batch_size: int = 16) -> np.ndarray:
        """Class probabilities of clips.

        Args:
            clips: Annotation dictionaries: ``keypoint`` (M, T, V, C) in :attr:`layout` (another one that
                the dictionary names under ``layout`` is mapped), ``keypoint_score`` (M, T, V),
                ``total_frames``, ``img_shape``.
            batch_size: Clips that go through the network at once.

        Returns:
            (N, K) float32.

        Raises:
            InferenceError: If a clip has not the channels that the model takes, or its layout lacks joints.
        """
        packed = [self.prepare(clip) for clip in clips]
        scores = np.zeros((len(packed), len(self.classes)), np.float32)
        # Pipelines that keep a clip's own length make inputs that cannot be stacked.
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
                for row, sample in zip(chosen, self.model.test_step(batch)):
                    scores[row] = sample.pred_score.float().cpu().numpy().reshape(-1)
        return scores

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
            raise InferenceError(f'{name}: expected (persons, frames, joints, channels), {keypoint.shape}')
        if keypoint.shape[-1] != self.num_channels:
            raise InferenceError(
                f'{name}: {self.name} takes {self.num_channels}D skeletons, these are {keypoint.shape[-1]}D'
            )
        score = clip.get('keypoint_score')
        score = np.any(keypoint != 0, axis=-1) if score is None else score
        score = np.asarray(score, np.float32)
        source = get_layout(clip.get('layout') or self.layout)
        if source == self.layout:
            return keypoint, score
        try:
            return source.mapping_to(self.layout)(keypoint, score)
        except ValueError as error:
            raise InferenceError(f'{name}: {error}') from error


def _read_config(model: str | Path | Config | None, meta: dict, weights: str | Path) -> Config:
    if isinstance(model, Config):
        return model
    if model is None:
        named = meta.get('config')
        if not isinstance(named, str) or not (REPOSITORY / named).is_file():
            raise CheckpointError(f'{weights} does not name its config: pass it')
        model = REPOSITORY / named
    cfg = compose_config(model)
    if 'model' not in cfg or 'test_dataloader' not in cfg:
        raise InferenceError(f"{model}: expected a config with 'model' and 'test_dataloader'")
    return cfg


def _name_of(model: Any) -> str:
    return (
        Path(getattr(model, 'filename', None) or 'the config').name
        if isinstance(model, Config)
        else str(model)
    )


def _kind(content: object) -> str:
    return f'keys {sorted(map(str, content))[:5]}' if isinstance(content, dict) else type(content).__name__
