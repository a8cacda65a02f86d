"""Features of evenly spread segments of videos, by a frozen encoder."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from mmengine.dataset import pseudo_collate
from mmengine.logging import print_log

from mmactrep.engine.config_files import ConfigError
from mmactrep.engine.holdout import training_clips_as_tested
from mmactrep.registry import DATASETS

from .frozen_features import FrozenVideoEncoder

if TYPE_CHECKING:
    from mmengine.config import Config

_SAMPLER = 'SampleVideoClips'


@dataclass(frozen=True)
class SegmentFeatures:
    """Segments of the videos of a split, S of each, in the order of time.

    Args:
        features: (n, C') float32.
        times: (n, 3) start, end and length, seconds.
        videos: (n,) number of the video.
        names: Name of every video.
        labels: Class index of every video, -1 for none.
        classes: Class names.
    """

    features: np.ndarray
    times: np.ndarray
    videos: np.ndarray
    names: tuple[str, ...]
    labels: np.ndarray
    classes: tuple[str, ...]


@torch.no_grad()
def segment_features(
    cfg: Config,
    encoder: FrozenVideoEncoder,
    split: str = 'test',
    segments: int = 20,
    most_videos: int = 200,
    seed: int = 0,
) -> SegmentFeatures:
    """Cut videos of a split into segments and encode each.

    The segments are clips as the validation reads them, from the first possible start to the last one. Videos
    too short for two different starts are left out, and told.

    Args:
        cfg: Config of a recognizer of videos.
        encoder: Of :func:`~mmactrep.apis.frozen_features.load_encoder`.
        split: 'train' or 'test'.
        segments: Segments S of a video.
        most_videos: More videos than these are not read; which is drawn.
        seed: Seed of that draw.

    Raises:
        ConfigError: If the config is not one of videos, or no video is long enough.
    """
    if not isinstance(encoder, FrozenVideoEncoder):
        raise ConfigError(f'{cfg.filename}: expected a config of a recognizer of videos')
    tested = (cfg.get('val_dataloader') or cfg.test_dataloader).dataset
    chosen = tested if split == 'test' else training_clips_as_tested(cfg.train_dataloader.dataset, tested)
    dataset = DATASETS.build(_in_segments(chosen, segments, cfg.filename))
    order = np.random.default_rng(seed).permutation(len(dataset))
    device = next(encoder.parameters()).device
    features, times, names, labels, short = [], [], [], [], 0
    for row in order.tolist():
        if len(names) == most_videos:
            break
        sample = dataset[row]
        data = sample['data_samples']
        starts = np.asarray(data.clip_times)[:, 0]
        if len(np.unique(starts)) < 2:
            short += 1
            continue
        clips = encoder.data_preprocessor(pseudo_collate([sample]), False)['inputs'][0]
        features.append(encoder.sequence_features(clips.to(device)).float().cpu().numpy())
        times.append(np.asarray(data.clip_times, np.float64))
        names.append(str(data.frame_dir))
        labels.append(int(data.gt_label))
    if short:
        print_log(
            f'{short} videos of the split {split} are too short for two segments and left out', 'current'
        )
    if not names:
        raise ConfigError(f'{cfg.filename}: no video of the split {split} is long enough for two segments')
    return SegmentFeatures(
        np.concatenate(features),
        np.concatenate(times),
        np.repeat(np.arange(len(names)), segments),
        tuple(names),
        np.array(labels),
        tuple(dataset.metainfo.get('classes') or ()),
    )


def _in_segments(dataset: Mapping, segments: int, where: str) -> dict:
    """Config of a data set whose samples are all segments of a video."""
    made = copy.deepcopy(dict(dataset))
    pipeline = made.get('pipeline') or ()
    steps = pipeline.values() if isinstance(pipeline, Mapping) else pipeline
    samplers = [step for step in steps if isinstance(step, Mapping) and step.get('type') == _SAMPLER]
    if len(samplers) != 1:
        raise ConfigError(f'{where}: expected one {_SAMPLER} in the pipeline of the videos')
    samplers[0].update(num_clips=segments, spread='even')
    return made
