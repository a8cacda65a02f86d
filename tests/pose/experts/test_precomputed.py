"""Poses found before, served by frame number."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mmactrep.errors import InferenceError
from mmactrep.pose.experts import PrecomputedExpert
from mmactrep.structures import get_layout

FRAMES = [np.zeros((4, 4, 3), np.uint8)] * 3


@pytest.fixture
def path(tmp_path):
    """COCO results with a person in frames 1, 2 and 4; x of all joints is the frame's number."""
    entries = [
        dict(image_id=frame, keypoints=[frame, 7, 0.2 + 0.1 * frame] * 17, score=1.0) for frame in (1, 2, 4)
    ]
    file = tmp_path / 'clip.json'
    file.write_text(json.dumps(entries))
    return file


def test_frames_are_found_by_their_number(path):
    expert = PrecomputedExpert(path)
    assert expert.name == 'clip' and expert.layout is get_layout('coco17')
    assert [len(poses) for poses in expert.predict(FRAMES)] == [0, 1, 1]
    out = expert.predict(FRAMES, first=3)
    assert [len(poses) for poses in out] == [0, 1, 0] and out[1].keypoint[0, 0, 0] == 4
    assert out[0].keypoint.shape == (0, 17, 2)


def test_a_file_that_counts_from_one(path):
    out = PrecomputedExpert(path, first_frame=1).predict(FRAMES)
    assert [poses.keypoint[0, 0, 0] if len(poses) else None for poses in out] == [1, 2, None]


def test_unsure_joints_are_missing(path):
    out = PrecomputedExpert(path, min_score=0.35).predict(FRAMES)
    assert [len(poses) for poses in out] == [0, 0, 1]


def test_a_file_for_each_video(path):
    expert = PrecomputedExpert(path.parent / '{stem}.json')  # whose layout the file tells
    expert.start('videos/clip.mp4')
    assert len(expert.predict(FRAMES)[1]) == 1
    with pytest.raises(FileNotFoundError, match=r'other\.json'):
        expert.start('videos/other.mp4')
    with pytest.raises(InferenceError, match='no name'):
        expert.start()
