"""MediaPipe's landmark network on squares of a frame that somebody names, without its own person detector."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np

from mmactrep import compat
from mmactrep.structures import SkeletonLayout, get_layout

from .frame_cache import FrameCache
from .movenet_poses import Square
from .person_search import Pose, mirrored

# The part of MediaPipe's pose graph between its detector and its filters. The names of its packets are ours.
_GRAPH = """
input_stream: "image"
input_stream: "roi"
input_side_packet: "model_complexity"
output_stream: "landmarks"
output_stream: "alignment"
node {
  calculator: "PoseLandmarkByRoiCpu"
  input_side_packet: "MODEL_COMPLEXITY:model_complexity"
  input_stream: "IMAGE:image"
  input_stream: "ROI:roi"
  output_stream: "LANDMARKS:landmarks"
  output_stream: "AUXILIARY_LANDMARKS:alignment"
}
"""
# MediaPipe enlarges the circle around a person by this much, and turns it until the person is upright.
_ENLARGED = 1.25
# The network takes 256 pixels; a picture with more shows it no more.
_LEAST = 256
# From the middle of the hips to the crown and to the soles, in lengths of the trunk.
_UP, _DOWN = 1.65, 1.9


class BlazePoseCrops:
    """BlazePose on squares; see :class:`~mmactrep.pose.experts.person_follower.CropEstimator`.

    Follows as MediaPipe does: besides 33 joints the network gives two points, the middle of the hips and one
    on the circle around the whole person, which make the next frame's square.

    Args:
        frames: What is shared about frames.
        min_visibility: Joints with a lower visibility are missing.
        model_complexity: Number of the model.
        mirror: Look at the mirrored picture, and mirror the result back.
    """

    layout = get_layout('blazepose33')

    def __init__(
        self,
        frames: FrameCache,
        min_visibility: float = 0.3,
        model_complexity: int = 1,
        mirror: bool = False,
    ) -> None:
        self.frames, self.min_visibility = frames, min_visibility
        self.complexity, self.mirror = model_complexity, mirror
        self._graph = None
        self._time = 0
        self._found: dict[str, object] = {}
        self._quiet = False

    def around(self, pose: Pose, layout: SkeletonLayout) -> Square:
        return upright_square(pose, layout)

    def __call__(self, frame: np.ndarray, square: Square) -> tuple[Pose, Square] | None:
        least = max(1.0, min(frame.shape[:2]) * _LEAST / square.side)
        picture, factor = self.frames.halved(frame, int(np.ceil(least)))
        height, width = picture.shape[:2]
        shift = (factor - 1) / 2
        x, y, side = (square.x - shift) / factor, (square.y - shift) / factor, square.side / factor
        turn = square.turn
        if self.mirror:
            picture = self.frames(frame, ('mirrored', factor), lambda: cv2.flip(picture, 1))
            x, turn = width - 1 - x, -turn
        rows = self._run(picture, x, y, side, turn)
        if rows is None:
            return None
        landmarks, alignment = rows
        # MediaPipe's 0 and 1 are the edges of the picture, not the centers of its outer pixels
        scale = np.float32([width, height])
        joints = landmarks[:, :2] * scale - np.float32(0.5)
        inside = ((joints >= -0.5) & (joints < scale - np.float32(0.5))).all(axis=-1)
        score = np.where(inside & (landmarks[:, 2] >= self.min_visibility), landmarks[:, 2], np.float32(0))
        points = alignment * scale - np.float32(0.5)
        if self.mirror:
            joints, score = mirrored(joints, score, width, self.layout)
            points[:, 0] = width - 1 - points[:, 0]
        if not (score > 0).any():
            return None
        joints = np.clip(joints * factor + np.float32(shift), 0, np.float32(frame.shape[1::-1]) - 1)
        center, edge = points * factor + np.float32(shift)
        return Pose(joints.astype(np.float32), score), aligned_square(center, edge)

    def close(self) -> None:
        """Release the graph."""
        if self._graph is not None:
            self._graph.close()
        self._graph = None

    def _run(
        self, picture: np.ndarray, x: float, y: float, side: float, turn: float
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """Landmarks (33, 3), x, y, visibility, and the two points (2, 2), in shares, if there is anybody."""
        if self._quiet:
            return self._process(picture, x, y, side, turn)
        with compat.without_mediapipe_noise():  # the network prints messages when it is first used
            found = self._process(picture, x, y, side, turn)
        self._quiet = True
        return found

    def _process(
        self, picture: np.ndarray, x: float, y: float, side: float, turn: float
    ) -> tuple[np.ndarray, np.ndarray] | None:
        import mediapipe
        from mediapipe.framework.formats import rect_pb2
        from mediapipe.python import packet_creator, packet_getter

        if self._graph is None:
            self._graph = self._start()
        height, width = picture.shape[:2]
        roi = rect_pb2.NormalizedRect(
            x_center=(x + 0.5) / width,
            y_center=(y + 0.5) / height,
            width=side / width,
            height=side / height,
            rotation=turn,
        )
        self._found.clear()
        self._time += 1
        image = mediapipe.ImageFormat.SRGB
        packet = packet_creator.create_image_frame(np.ascontiguousarray(picture), image_format=image)
        self._graph.add_packet_to_input_stream('image', packet.at(self._time))
        self._graph.add_packet_to_input_stream('roi', packet_creator.create_proto(roi).at(self._time))
        self._graph.wait_until_idle()
        if len(self._found) < 2:
            return None
        landmarks, alignment = (
            packet_getter.get_proto(self._found[name]).landmark for name in ('landmarks', 'alignment')
        )
        return (
            np.array([(mark.x, mark.y, mark.visibility) for mark in landmarks], np.float32),
            np.array([(mark.x, mark.y) for mark in alignment], np.float32),
        )

    def _start(self):
        import mediapipe
        from google.protobuf import text_format
        from mediapipe.framework import calculator_pb2
        from mediapipe.python import packet_creator
        from mediapipe.python._framework_bindings import resource_util

        resource_util.set_resource_dir(os.fspath(Path(mediapipe.__file__).parents[1]))
        config = text_format.Parse(_GRAPH, calculator_pb2.CalculatorGraphConfig())
        graph = mediapipe.CalculatorGraph(graph_config=config)
        for name in ('landmarks', 'alignment'):
            graph.observe_output_stream(name, self._found.__setitem__)
        graph.start_run({'model_complexity': packet_creator.create_int(self.complexity)})
        return graph


def aligned_square(center: np.ndarray, edge: np.ndarray) -> Square:
    """The square that MediaPipe makes of a person's middle and a point on the circle around the person.

    Args:
        center: (2,) middle of the hips, pixels.
        edge: (2,) point of the circle above the head, pixels; it says how the person is turned.
    """
    across, down = (float(value) for value in edge - center)
    radius = max(float(np.hypot(across, down)), 1.0)
    turn = float(np.arctan2(across, -down)) if (across or down) else 0.0
    return Square(float(center[0]), float(center[1]), 2 * _ENLARGED * radius, turn)


def upright_square(pose: Pose, layout: SkeletonLayout) -> Square:
    """A square as :func:`aligned_square` for a person whose joints another estimator found.

    The circle is as large as the seen joints need, and as a whole person with this trunk would be: below a
    table there are legs too, and the network expects them where they would be.

    Args:
        pose: The joints.
        layout: Their layout.
    """

    def middle(part: str) -> np.ndarray | None:
        joints = [
            joint for joint in layout.indices([f'left_{part}', f'right_{part}']) if pose.score[joint] > 0
        ]
        return pose.keypoint[joints].mean(axis=0) if joints else None

    seen = pose.keypoint[pose.score > 0]
    shoulders, hips = middle('shoulder'), middle('hip')
    if shoulders is not None and hips is None:
        # seen from the chest up: the trunk is about as long as twice the way from the face to the shoulders
        face = pose.keypoint[[joint for joint in layout.indices(['nose']) if pose.score[joint] > 0]]
        wide = (
            np.linalg.norm(np.ptp(seen, axis=0)) / 2 if not len(face) else np.linalg.norm(face[0] - shoulders)
        )
        hips = shoulders + np.float32([0, 2 * wide])
    if shoulders is None or hips is None:
        low, high = seen.min(axis=0), seen.max(axis=0)
        center = (low + high) / 2
        return Square(float(center[0]), float(center[1]), float(_ENLARGED * max(*(high - low), 1.0)))
    trunk = shoulders - hips
    length = max(float(np.linalg.norm(trunk)), 1.0)
    reach = max(float(np.linalg.norm(seen - hips, axis=1).max()), _DOWN * length)
    return aligned_square(hips, hips + trunk / length * reach)
