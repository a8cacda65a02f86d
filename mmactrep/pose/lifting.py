"""3D poses from sequences of 2D poses, by mmpose's ``VideoPoseLift`` models."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import Compose, pseudo_collate

from mmactrep.structures import SkeletonLayout, get_layout
from mmactrep.structures.poses import boxes_around

from .experts.base import ExpertUnavailableError, UnknownExpertError, operators_lacking
from .experts.mmpose_zoo import ZooModel
from .experts.person_detector import openmmlab_scope

_FOLDER = 'configs/body_3d_keypoint/video_pose_lift/h36m'
_URL = 'https://download.openmmlab.com/mmpose/body3d/videopose/videopose_h36m'


def _videopose(config: str, weights: str) -> ZooModel:
    return ZooModel('mmpose', f'{_FOLDER}/video-pose-lift_tcn-{config}_h36m.py', f'{_URL}_{weights}.pth')


#: Lifting models by their short names; the number is the length of their window in frames.
LIFTERS: dict[str, ZooModel] = {
    'videopose3d-27': _videopose('27frm-supv_8xb128-160e', '27frames_fullconv_supervised-fe8fbba9_20210527'),
    'videopose3d-81': _videopose('81frm-supv_8xb128-160e', '81frames_fullconv_supervised-1f2d1104_20210527'),
    'videopose3d-243': _videopose(
        '243frm-supv_8xb128-160e', '243frames_fullconv_supervised-880bea25_20210527'
    ),
    'videopose3d-243-cpn': _videopose(
        '243frm-supv-cpn-ft_8xb128-200e', '243frames_fullconv_supervised_cpn_ft-88f5abbb_20210527'
    ),
}

# The pictures of Human3.6M are 1000 pixels wide and high.
_H36M_PICTURE = dict(w=1000, h=1000)
# Box around the persons of Human3.6M, in pixels, unless the model's data set says otherwise.
_H36M_BOX = dict(bbox_center=(528.0, 427.0), bbox_scale=400.0)


class PoseLifter:
    """Lifts one person's 2D poses to 3D, each frame from a window of frames around it.

    Every pose is moved and scaled to the average box of the data set that the model was trained on: size and
    position in the picture do not matter. Joints that are missing for a while are interpolated for the model,
    but stay missing in the result. The model runs through mmpose's pipeline and ``test_step``; the result is
    that of mmpose's ``inference_pose_lifter_model`` with ``norm_pose_2d``.

    Args:
        config: Config file of an mmpose ``PoseLifter``, or the config.
        checkpoint: Its weights; None keeps the initial ones, for tests.
        device: Device of the model.
        batch_size: Windows per batch.

    Attributes:
        layout: ``h36m17``, the models' output.

    Raises:
        ExpertUnavailableError: If mmpose or the weights are missing.
    """

    def __init__(
        self,
        config: str | Path | Config,
        checkpoint: str | Path | None = None,
        device: str = 'cpu',
        batch_size: int = 256,
    ) -> None:
        if checkpoint is not None and not Path(checkpoint).is_file():
            raise ExpertUnavailableError(f'weights {checkpoint} do not exist')
        try:
            from mmpose.apis import init_model
        except ImportError as error:
            raise operators_lacking('3D lifting', error) from error
        self.layout = get_layout('h36m17')
        self.batch_size = batch_size
        with openmmlab_scope('mmpose'):
            config = config if isinstance(config, Config) else str(config)
            self._model = init_model(config, None if checkpoint is None else str(checkpoint), device=device)
            dataset = self._model.cfg.test_dataloader.dataset
            self._pipeline = Compose(dataset.pipeline)
        self.window: int = dataset.get('seq_len', 1)
        self._causal: bool = dataset.get('causal', False)

    def __call__(
        self,
        keypoint: np.ndarray,
        score: np.ndarray,
        layout: str | SkeletonLayout,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Lift a track.

        Args:
            keypoint: (T, V, 2) pixels.
            score: (T, V), 0 where a joint is missing.
            layout: Their layout; h36m17's joints must be derivable from it.

        Returns:
            Coordinates (T, 17, 3) in meters in the camera's axes (x to the right, y down, z away) relative to
            the middle of the hips, and scores (T, 17): those of the 2D joints, 0 where these are missing.

        Raises:
            ValueError: If h36m17's joints cannot be derived from the layout.
        """
        mapping = get_layout(layout).mapping_to(self.layout)
        keypoint, score = mapping(np.asarray(keypoint, np.float32), np.asarray(score, np.float32))
        lifted = np.zeros((*score.shape, 3), np.float32)
        if not (score > 0).any():
            return lifted, score
        whole = self._normalized(bridge_gaps(keypoint, score, self.layout))
        rows = window_rows(len(whole), self.window, self._causal)
        for start in range(0, len(rows), self.batch_size):
            windows = whole[rows[start : start + self.batch_size]]
            lifted[start : start + len(windows)] = self._infer(windows)
        return np.where(score[..., None] > 0, lifted, 0), score

    def _normalized(self, keypoint: np.ndarray) -> np.ndarray:
        """Move and scale poses (T, V, 2) to the average box of the data set."""
        box = {**_H36M_BOX, **(self._model.dataset_meta or {}).get('stats_info', {})}
        around = boxes_around(keypoint, np.ones(keypoint.shape[:2]))
        center = (around[:, None, :2] + around[:, None, 2:]) / 2
        extent = np.maximum((around[:, 2:] - around[:, :2]).max(axis=1), 1e-3)[:, None, None]
        place = np.reshape(np.asarray(box['bbox_center'], np.float32), (1, 1, 2))
        return (keypoint - center) / extent * np.float32(box['bbox_scale']) + place

    def _infer(self, windows: np.ndarray) -> np.ndarray:
        """3D poses (n, V, 3) of windows (n, T', V, 2)."""
        frames, joints = windows.shape[1:3]
        with openmmlab_scope('mmpose'), torch.no_grad():
            samples = [
                self._pipeline(
                    dict(
                        keypoints=window,
                        keypoints_visible=np.ones((frames, joints), np.float32),
                        lifting_target=np.zeros((1, joints, 3), np.float32),
                        lifting_target_visible=np.ones((1, joints, 1), np.float32),
                        factor=np.zeros(frames, np.float32),
                        camera_param=dict(_H36M_PICTURE),
                        **(self._model.dataset_meta or {}),
                    )
                )
                for window in windows
            ]
            results = self._model.test_step(pseudo_collate(samples))
        poses = [np.asarray(result.pred_instances.keypoints) for result in results]
        return np.stack(poses).reshape(len(windows), joints, 3)


def bridge_gaps(keypoint: np.ndarray, score: np.ndarray, layout: SkeletonLayout) -> np.ndarray:
    """Complete poses for a model that does not know missing joints.

    A missing joint is interpolated over time, and keeps its position before and after it was seen. One that
    is never seen gets the position of its nearest seen ancestor, or else of the middle of the joints seen.

    Args:
        keypoint: (T, V, 2), at least one joint seen.
        score: (T, V), 0 where a joint is missing.
        layout: Their layout.

    Returns:
        (T, V, 2) float32.
    """
    seen = score > 0
    frames = np.arange(len(keypoint))
    whole = np.zeros(keypoint.shape, np.float32)
    known = seen.any(axis=0)
    for joint in np.flatnonzero(known):
        there = seen[:, joint]
        for axis in range(keypoint.shape[-1]):
            whole[:, joint, axis] = np.interp(frames, frames[there], keypoint[there, joint, axis])
    middle = whole[:, known].mean(axis=1)
    for joint in np.flatnonzero(~known):
        ancestor = joint
        while not known[ancestor] and layout.parent_indices[ancestor] != ancestor:
            ancestor = layout.parent_indices[ancestor]
        whole[:, joint] = whole[:, ancestor] if known[ancestor] else middle
    return whole


def window_rows(num_frames: int, window: int, causal: bool = False) -> np.ndarray:
    """Frames (num_frames, window) from which each frame is lifted; the ends are repeated outside the video.

    Args:
        num_frames: Number of frames T.
        window: Number of frames that the model sees.
        causal: Whether the frame is the last of its window, not its middle.
    """
    before = window - 1 if causal else (window - 1) // 2
    rows = np.arange(num_frames)[:, None] + np.arange(window)[None] - before
    return np.clip(rows, 0, num_frames - 1)


def build_lifter(spec: str, device: str = 'cpu') -> PoseLifter:
    """A lifter by its name, or by ``'CONFIG,CHECKPOINT'``.

    Raises:
        UnknownExpertError: If the name is unknown; the message lists the known ones.
        ExpertUnavailableError: If mmpose or the weights are missing; the message says what to get, from
            where, and where to put it.
    """
    config, comma, checkpoint = spec.partition(',')
    if comma:
        if not Path(config).is_file():
            raise ExpertUnavailableError(f'config {config} does not exist')
        return PoseLifter(config, checkpoint, device)
    if spec not in LIFTERS:
        raise UnknownExpertError(
            f"unknown lifting model '{spec}'; known are {', '.join(LIFTERS)}, or CONFIG,CHECKPOINT"
        )
    found = LIFTERS[spec]
    return PoseLifter(found.config_path, found.weights_path, device)
