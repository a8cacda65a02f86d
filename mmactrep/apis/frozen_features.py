"""Features of a frozen encoder for the clips of a recognizer's config."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from mmactrep.engine.checkpoints import encoder_weights, load_weights, read_checkpoint
from mmactrep.engine.config_files import ConfigError
from mmactrep.engine.holdout import training_clips_as_tested
from mmactrep.engine.hooks.dataset_check_hook import check_labels, check_same_stream, match_layout
from mmactrep.engine.hooks.knn_hook import extract_features
from mmactrep.engine.hooks.sample_seed_hook import unwrap_datasets
from mmactrep.engine.runner import ConfiguredRunner, building
from mmactrep.engine.trained_on import compare_classes
from mmactrep.errors import CheckpointError
from mmactrep.models.pretrainers.base import BasePretrainer
from mmactrep.models.pretrainers.video import VideoFeatures

if TYPE_CHECKING:
    from mmengine.config import Config
    from torch.utils.data import DataLoader

RANDOM_ENCODER = 'none'


@dataclass(frozen=True)
class Features:
    """Features of a split.

    Args:
        features: (n, C') float32.
        labels: (n,) class indices.
        clips: (n,) number of the clip; a clip that several cameras see has several rows.
        names: (n,) ids of the clips, with ``@`` and the camera's number where several see each.
        classes: Class names.
    """

    features: np.ndarray
    labels: np.ndarray
    clips: np.ndarray
    names: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()

    def select(self, kept: np.ndarray) -> Features:
        """Those of a mask (n,)."""
        names = tuple(name for name, chosen in zip(self.names, kept) if chosen)
        return Features(self.features[kept], self.labels[kept], self.clips[kept], names, self.classes)


class FrozenEncoder(BasePretrainer):
    """An encoder alone, with features in single precision although its layers run in bfloat16.

    ``backwards`` plays clips from their last frame to their first.
    """

    backwards = False

    def sequence_features(self, clips: torch.Tensor) -> torch.Tensor:
        """See :meth:`BasePretrainer.sequence_features`; frames are on axis 2 of skeletons and of videos."""
        if self.backwards:
            clips = clips.flip(2)
        with torch.autocast(clips.device.type, torch.bfloat16):
            # rounding a mean that is large against its deviation would cost most of the difference
            return self.frame_features(self.backbone, clips).float().mean(dim=1)


class FrozenVideoEncoder(VideoFeatures, FrozenEncoder):
    """The same for a 3D network of videos."""

    sequence_features = FrozenEncoder.sequence_features


#: What is built for the recognizer, or the segmentor, of a config.
_ENCODERS = dict(RecognizerGCN=FrozenEncoder, Recognizer3D=FrozenVideoEncoder)
_ENCODERS_OF_FRAMES = dict(SkeletonSegmentor=FrozenEncoder)


def load_encoder(
    cfg: Config, checkpoint: str | Path, seed: int = 0, device: str = 'cpu', of_frames: bool = False
) -> FrozenEncoder:
    """The encoder of a recognizer's config, with the weights of a checkpoint.

    Args:
        cfg: Config of a recognizer of skeletons or videos; with ``of_frames``, of a segmentor.
        checkpoint: Of a pre-training, a recognizer, an extracted backbone or ViA's autoencoder; 'none' for a
            random encoder.
        seed: Seed of a random encoder.
        device: For example 'cpu' or 'cuda:0'.
        of_frames: Whether features of frames are wanted.

    Raises:
        ConfigError: If the config does not describe a recognizer of clips, or a segmentor.
        CheckpointError: If the checkpoint has no encoder, or one that does not fit.
    """
    model = cfg.get('model') or {}
    kind = (_ENCODERS_OF_FRAMES if of_frames else _ENCODERS).get(str(model.get('type')))
    if 'backbone' not in model or kind is None:
        expected = 'segmentor' if of_frames else 'recognizer of clips'
        raise ConfigError(f'{cfg.filename}: expected a config of a {expected}, found {model.get("type")}')
    torch.manual_seed(seed)
    with building(f'{cfg.filename}: model'):
        encoder = kind(copy.deepcopy(model.backbone), copy.deepcopy(model.get('data_preprocessor')))
    encoder.init_weights()
    if checkpoint != RANDOM_ENCODER:
        try:
            weights = encoder_weights(read_checkpoint(checkpoint)['state_dict'])
        except ValueError as error:
            raise CheckpointError(f'{checkpoint}: {error}') from error
        load_weights(encoder.backbone, weights, str(checkpoint), str(cfg.filename))
    return encoder.to(torch.device(device)).eval()


def training_dataset(cfg: Config) -> dict:
    """Config of the training clips, read as the test reads its own.

    Raises:
        ConfigError: If the config trains on a part of the labels.
    """
    train = training_clips_as_tested(cfg.train_dataloader.dataset, cfg.test_dataloader.dataset)
    if train.get('labelled_fraction') is not None:
        raise ConfigError(
            f'{cfg.filename}: it trains on a part of the labels; take the config without that, features are '
            'extracted for all clips'
        )
    return train


def feature_loader(cfg: Config, dataset: dict, batch_size: int | None = None) -> DataLoader:
    """A loader of all samples of a data set, in order; ``batch_size`` defaults to that of the test."""
    return ConfiguredRunner.build_dataloader(
        dict(
            batch_size=batch_size or cfg.test_dataloader.batch_size,
            num_workers=0,
            sampler=dict(type='DefaultSampler', shuffle=False),
            dataset=dataset,
        )
    )


def frozen_features(
    cfg: Config,
    encoder: nn.Module,
    checkpoint: str | Path,
    batch_size: int | None = None,
    splits: Sequence[str] = ('train', 'test'),
) -> tuple[Features, ...]:
    """Features of the training and the test split of a config, both through the pipeline of the test.

    Every training clip occurs once, or once for each camera of training: repetitions of rare classes are left
    out.

    Args:
        cfg: Config of a recognizer.
        encoder: Of :func:`load_encoder`.
        checkpoint: Its checkpoint, whose joints and stream the data must have; 'none' for a random encoder.
        batch_size: Clips at once. Default: as in the test of the config.
        splits: 'train', 'test' or both.

    Raises:
        ConfigError: If the config trains on a part of the labels, or tests on other classes.
        CheckpointError: If the checkpoint was trained on another stream, or on joints that cannot be mapped.
    """
    meta = {} if checkpoint == RANDOM_ENCODER else read_checkpoint(checkpoint)['meta']
    train = training_dataset(cfg)
    found = []
    for split in splits:
        dataset = train if split == 'train' else copy.deepcopy(cfg.test_dataloader.dataset)
        loader = feature_loader(cfg, dataset, batch_size)
        for each in unwrap_datasets(loader.dataset):
            check_labels(each)
            check_same_stream(each, meta, checkpoint)
            match_layout(each, meta, checkpoint, may_map=True)
        features, labels = extract_features(encoder, loader)
        cameras = dataset.get('repeat_each', 1)
        numbers = np.arange(len(labels))
        named = loader.dataset
        names = tuple(
            _clip_name(named.get_data_info(i)) + (f'@{i % cameras}' if cameras > 1 else '')
            for i in numbers.tolist()
        )
        classes = tuple(named.metainfo.get('classes') or ())
        found.append(Features(features, labels, numbers // cameras, names, classes))
    named = [each.classes for each in found if each.classes]
    difference = compare_classes(named[0], named[-1]) if named else None
    if difference:
        raise ConfigError(f'{cfg.filename}: training and test have {difference}')
    return tuple(found)


def _clip_name(info: dict) -> str:
    """Name of a clip; mmaction2's own data sets of videos know the file alone."""
    return str(info.get('frame_dir') or info.get('filename', ''))
