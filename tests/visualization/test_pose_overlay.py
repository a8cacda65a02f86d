"""Skeletons and panels on frames."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.structures import get_layout
from mmactrep.structures.poses import PoseTrack, TrackedPose
from mmactrep.structures.recognition import ActionWindow, PersonActions, RecognitionResult
from mmactrep.visualization import SIDE_COLORS, PoseOverlay, persons_at, render_run
from mmactrep.visualization.pose_overlay import cross_links, rows_for
from mmactrep.visualization.score_panel import draw_panel

LAYOUT = get_layout('coco17')


def pose_at(x: float, y: float, frame: int = 0, track: int = 0, missing: tuple[str, ...] = ()) -> TrackedPose:
    rng = np.random.default_rng(track)
    keypoint = (rng.uniform(0, 1, (17, 2)) * [60, 200] + [x, y]).astype(np.float32)
    score = np.ones(17, np.float32)
    gone = LAYOUT.indices(missing)
    keypoint[gone], score[gone] = 0, 0
    return TrackedPose(track, frame, keypoint, score, 0.9, 3)


def frame_of(height: int = 480, width: int = 640) -> np.ndarray:
    return np.full((height, width, 3), (10, 120, 230), np.uint8)


def test_nothing_is_drawn_towards_the_corner():
    pose = pose_at(400, 200, missing=('left_shoulder', 'right_hip', 'nose', 'left_ankle'))
    drawn = PoseOverlay(LAYOUT)(frame_of(), [pose])
    changed = (drawn != frame_of()[..., ::-1]).any(axis=2)
    assert changed[200:400, 400:460].any()
    # the panel is beside the person; the way to the corner is free
    assert not changed[:180].any() and not changed[180:, :200].any()


def test_a_person_without_joints_leaves_the_frame_as_it_was():
    pose = TrackedPose(0, 0, np.zeros((17, 2), np.float32), np.zeros(17, np.float32), 0.0, 0)
    drawn = PoseOverlay(LAYOUT)(frame_of(), [pose], {0: [('jump', 0.9)]})
    np.testing.assert_array_equal(drawn, frame_of()[..., ::-1])


def test_frames_are_rgb_and_pictures_bgr():
    np.testing.assert_array_equal(PoseOverlay(LAYOUT)(frame_of(), [])[0, 0], (230, 120, 10))


def test_dark_ground_shows_nothing_of_the_frame(rng):
    noise = rng.integers(0, 255, (480, 640, 3), dtype=np.uint8)
    overlay = lambda: PoseOverlay(LAYOUT, background='dark')  # noqa: E731  panels remember
    pose = pose_at(300, 200)
    np.testing.assert_array_equal(overlay()(noise, [pose]), overlay()(frame_of(), [pose]))
    with pytest.raises(ValueError, match="'video' or 'dark'"):
        PoseOverlay(LAYOUT, background='light')


def test_small_frames_are_enlarged_with_their_skeletons():
    overlay = PoseOverlay(LAYOUT, min_height=480)
    drawn = overlay(frame_of(256, 340), [pose_at(100, 30)])
    assert drawn.shape == (512, 680, 3)
    right = LAYOUT.index('right_wrist')
    x, y = np.round(pose_at(100, 30).keypoint[right] * 2).astype(int)
    assert (drawn[y, x] != (230, 120, 10)).any()


def test_the_panel_shows_the_scores():
    pose = pose_at(100, 100)
    with_scores = PoseOverlay(LAYOUT)(frame_of(), [pose], {0: [('jump', 0.9), ('sit', 0.1)]})
    without = PoseOverlay(LAYOUT)(frame_of(), [pose], {})
    assert (with_scores != without).any()


def test_panels_shorten_in_a_crowd():
    assert [rows_for(n) for n in (1, 2, 3, 4, 5, 20)] == [5, 5, 3, 3, 1, 1]
    crowd = [pose_at(20 + 30 * k, 100, track=k) for k in range(20)]
    scores = {k: [('jump', 0.5)] * 5 for k in range(20)}
    drawn = PoseOverlay(LAYOUT, max_panels=8)(frame_of(), crowd, scores)
    assert drawn.shape == (480, 640, 3)


def test_trunk_of_layouts_without_neck():
    names = [(LAYOUT.joints[a], LAYOUT.joints[b]) for a, b in cross_links(LAYOUT)]
    assert names == [('left_shoulder', 'right_shoulder'), ('left_hip', 'right_hip')]
    assert cross_links(get_layout('posetics17')) == []
    assert len(cross_links(get_layout('openpose18'))) == 1  # it has a neck


def result_of_two(num_experts: int = 3) -> RecognitionResult:
    """Person 0 in frames 0, 1, 3, 4, 5 and person 1 in frames 4 to 6; the last of each is one expert's."""
    persons = []
    for number, start, length in ((0, 0, 6), (1, 4, 3)):
        poses = [pose_at(100 + 200 * number, 100, start + t, number) for t in range(length)]
        score = np.stack([p.score for p in poses])
        if number == 0:
            score[2] = 0  # a gap
        votes, confidence = np.full(length, 2, np.int16), np.full(length, 0.7, np.float32)
        votes[-1], confidence[-1] = 1, np.nan
        track = PoseTrack(number, start, np.stack([p.keypoint for p in poses]), score, confidence, votes)
        scores = np.array([0.2, 0.8])
        window = ActionWindow(start, start + length, length, scores)
        persons.append(PersonActions(track, [window], scores, ['jump', 'sit'], [0.8, 0.2]))
    return RecognitionResult(
        'two.mp4',
        LAYOUT,
        (480, 640),
        8,
        ['sit', 'jump'],
        persons,
        [],
        np.array([0.2, 0.8]),
        ['jump', 'sit'],
        [0.8, 0.2],
        num_experts=num_experts,
    )


def test_persons_at_a_frame():
    result = result_of_two()
    found = [[pose.track for pose, _ in persons_at(result, frame)] for frame in range(8)]
    assert found == [[0], [0], [], [0], [0, 1], [0, 1], [1], []]
    pose, best = persons_at(result, 4)[1]
    assert best == [('jump', pytest.approx(0.8)), ('sit', pytest.approx(0.2))]
    np.testing.assert_array_equal(pose.keypoint, pose_at(300, 100, 4, 1).keypoint)
    # what the experts said reaches the picture as it was
    assert (pose.votes, pose.confidence) == (2, pytest.approx(0.7))
    pose, _ = persons_at(result, 6)[0]
    assert pose.votes == 1 and np.isnan(pose.confidence)


@pytest.mark.parametrize(
    ('num_experts', 'title'),
    [(3, ['person 1   2 of 3 experts   C 0.70', 'person 1   1 of 3 experts']), (1, ['person 1', 'person 1'])],
)
def test_a_panel_tells_how_many_experts_agree(monkeypatch, num_experts, title):
    """C of one vote is no confidence, and with one expert there is nobody to agree with."""
    titles = []

    def draw(text, *further):
        titles.append((text, further[-1]))
        return draw_panel(text, *further)

    monkeypatch.setattr('mmactrep.visualization.pose_overlay.draw_panel', draw)
    result = result_of_two(num_experts)
    overlay = PoseOverlay(LAYOUT, num_experts=num_experts)
    list(render_run(result, (frame_of() for _ in range(2)), overlay, first=5))
    assert [text for text, _ in titles if text.startswith('person 1')] == title
    widths = {draw_panel(text, (), 20, (0, 0, 0), widest).shape for text, widest in titles}
    assert len(widths) == 1  # a panel does not jump where C is not known


def test_a_pose_that_nobody_saw_is_told(monkeypatch):
    """It fills a gap: no votes, no C, and a darker skeleton."""
    titles = []
    monkeypatch.setattr(
        'mmactrep.visualization.pose_overlay.draw_panel',
        lambda text, *further: titles.append(text) or draw_panel(text, *further),
    )
    seen = pose_at(100, 100)
    filled = TrackedPose(0, 0, seen.keypoint, seen.score, 0.0, 0)
    bright = [
        (PoseOverlay(LAYOUT, 'dark', num_experts=3)(frame_of(), [pose]) == SIDE_COLORS['left'])
        .all(axis=2)
        .sum()
        for pose in (seen, filled)
    ]
    assert titles == ['person 0   3 of 3 experts   C 0.90', 'person 0   interpolated']
    assert bright[0] > 100 and bright[1] == 0


def test_render_run_draws_every_frame():
    pictures = list(render_run(result_of_two(), (frame_of() for _ in range(8))))
    empty = frame_of()[..., ::-1]
    assert [bool((picture != empty).any()) for picture in pictures] == [
        True,
        True,
        False,
        True,
        True,
        True,
        True,
        False,
    ]


def test_panels_of_enlarged_frames_stand_beside_enlarged_persons(monkeypatch):
    """A frame half as high is drawn twice as large, and the box that panels avoid with it."""
    boxes = []
    for frame, place in ((frame_of(480, 640), (400, 200)), (frame_of(240, 320), (200, 100))):
        overlay = PoseOverlay(LAYOUT, min_height=480)
        put = overlay._placer.place
        monkeypatch.setattr(
            overlay._placer,
            'place',
            lambda own, *args, put=put, **kw: boxes.append(own[0]) or put(own, *args, **kw),
        )
        pose = pose_at(*place)
        if place[0] == 200:
            large = pose_at(400, 200)
            pose = TrackedPose(0, 0, large.keypoint / 2, large.score, 0.9, 3)
        overlay(frame, [pose], {0: [('jump', 0.9)]})
    np.testing.assert_allclose(boxes[1], boxes[0], atol=1)
