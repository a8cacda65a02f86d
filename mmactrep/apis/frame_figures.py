"""Figures of frozen frame features: the frame-level mAP of a linear classifier on untrimmed sequences."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from mmactrep.datasets.selection import sample_labelled_fraction
from mmactrep.engine.checkpoints import read_checkpoint
from mmactrep.engine.config_files import ConfigError
from mmactrep.engine.hooks.dataset_check_hook import check_same_stream, match_layout
from mmactrep.engine.trained_on import compare_classes
from mmactrep.evaluation.functional import FrameProbe, fit_frame_probe
from mmactrep.models.heads.frame_head import upsample_frames
from mmactrep.registry import METRICS

from .feature_figures import REGULARIZATION
from .frozen_features import RANDOM_ENCODER, FrozenEncoder, feature_loader, training_dataset

if TYPE_CHECKING:
    from mmengine.config import Config
    from torch.utils.data import DataLoader

_DATASET = 'SkeletonSegmentationDataset'


@dataclass(frozen=True, eq=False)
class FrameFeatures:
    """Features of the frames of a split.

    Args:
        features: (n, C') float32.
        labels: (n, K) bool, the actions of the frame on which each feature is centered.
        clips: (n,) number of the clip, in the order of the split.
    """

    features: np.ndarray
    labels: np.ndarray
    clips: np.ndarray

    def share(self, share: float, seed: int) -> FrameFeatures:
        """The clips whose labels are in a share, drawn as ``labelled_fraction`` does for a training."""
        count = int(self.clips.max()) + 1
        kept = np.isin(self.clips, sample_labelled_fraction(np.zeros(count, np.int64), share, seed))
        return FrameFeatures(self.features[kept], self.labels[kept], self.clips[kept])


def is_segmentation(cfg: Config) -> bool:
    """Whether a config's test data are windows of untrimmed sequences with labels for every frame."""
    loader = cfg.get('test_dataloader') or {}
    return (loader.get('dataset') or {}).get('type') == _DATASET


class FrameEvaluation:
    """Linear evaluation of a frozen encoder on the data of a segmentation config.

    The classifier learns from the features of every training frame on which one is centered; windows do not
    overlap. For the test, logits are interpolated to all frames, and overlapping windows are merged, as by
    ``FrameHead`` and ``SegmentationMetric`` of the config.

    Args:
        cfg: Config of a segmentor.
        encoder: Of :func:`~mmactrep.apis.frozen_features.load_encoder`.
        checkpoint: Its checkpoint, whose joints and stream the data must have; 'none' for a random encoder.
        batch_size: Windows at once. Default: as in the test of the config.

    Raises:
        ConfigError: If the config trains on a part of the labels, or tests on other classes.
        CheckpointError: If the checkpoint was trained on another stream, or on joints that cannot be mapped.
    """

    def __init__(
        self, cfg: Config, encoder: FrozenEncoder, checkpoint: str | Path, batch_size: int | None = None
    ) -> None:
        self.cfg, self.encoder = cfg, encoder
        self.stride = encoder.backbone.temporal_stride
        train = training_dataset(cfg)
        if 'window' in train:
            train['stride'] = train['window']
        meta = {} if checkpoint == RANDOM_ENCODER else read_checkpoint(checkpoint)['meta']
        self.loaders = {}
        for split, dataset in dict(train=train, test=copy.deepcopy(cfg.test_dataloader.dataset)).items():
            loader = feature_loader(cfg, dataset, batch_size)
            check_same_stream(loader.dataset, meta, checkpoint)
            match_layout(loader.dataset, meta, checkpoint, may_map=True)
            self.loaders[split] = loader
        classes = [loader.dataset.metainfo['classes'] for loader in self.loaders.values()]
        if difference := compare_classes(*classes):
            raise ConfigError(f'{cfg.filename}: training and test have {difference}')

    def training_features(self) -> FrameFeatures:
        """Features of the training clips."""
        rows, labels, clips, covered = [], [], [], {}
        for features, sample in self._windows(self.loaders['train']):
            start, end = sample.clip_window
            number, done = covered.get(sample.frame_dir, (len(covered), start))
            # the last window of a clip begins where the one before has not ended yet
            centers = np.arange(0, end - start, self.stride)
            centers = centers[centers + start >= done]
            covered[sample.frame_dir] = number, end
            rows.append(features[centers // self.stride].numpy())
            labels.append(sample.gt_frames[centers].numpy() > 0)
            clips.append(np.full(len(centers), number))
        return FrameFeatures(np.concatenate(rows), np.concatenate(labels), np.concatenate(clips))

    def frame_map(self, probe: FrameProbe) -> float:
        """Frame-level mAP on the test split, in [0, 1]; NaN if no class occurs."""
        metric = METRICS.build({**self.cfg.test_evaluator, 'items': ('frame_mAP',), 'prefix': 'seg'})
        metric.dataset_meta = self.loaders['test'].dataset.metainfo
        for features, sample in self._windows(self.loaders['test']):
            logits = torch.from_numpy(probe.logits(features.double().numpy()))[None]
            sample.pred_frames = upsample_frames(logits, len(sample.gt_frames), self.stride)[0].sigmoid()
            metric.process({}, [sample.to_dict()])
        return metric.evaluate(len(self.loaders['test'].dataset))['seg/frame_mAP']

    @torch.no_grad()
    def _windows(self, loader: DataLoader) -> Iterator[tuple[torch.Tensor, object]]:
        """Features (T', C') float32, and data sample, of every window."""
        for batch in loader:
            batch = self.encoder.data_preprocessor(batch, False)
            found = self.encoder.frame_features(self.encoder.backbone, batch['inputs'].flatten(0, 1))
            yield from zip(found.float().cpu(), batch['data_samples'])


def frame_figures(
    evaluation: FrameEvaluation, features: FrameFeatures, share: float = 1.0, seed: int = 0
) -> dict[str, float]:
    """Figures by name, of a linear classifier on a share of the labels of the training clips.

    Args:
        evaluation: The data.
        features: Their :meth:`FrameEvaluation.training_features`.
        share: Share of the clips.
        seed: Seed of the share.

    Returns:
        ``linear frame mAP`` and the regularization.

    Raises:
        ConfigError: If the share is of fewer than two clips.
    """
    chosen = features if share == 1 else features.share(share, seed)
    count = len(np.unique(chosen.clips))
    if count < 2:
        raise ConfigError(
            f'{evaluation.cfg.filename}: a linear classifier of frames needs two training clips or more, '
            f'found {count} with {100 * share:g} % of the labels'
        )
    probe = fit_frame_probe(chosen.features, chosen.labels, chosen.clips)
    return {'linear frame mAP': evaluation.frame_map(probe), REGULARIZATION: probe.regularization}
