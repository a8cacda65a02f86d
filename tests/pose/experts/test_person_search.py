"""Several persons from an estimator that finds one, tried on white rectangles for persons."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import find_objects, label

from mmactrep.pose.experts.person_search import PersonSearch, Pose, is_plausible, mirrored
from mmactrep.pose.experts.search_windows import hide, leaves, outline, search_windows, window_around
from mmactrep.structures import get_layout

LAYOUT = get_layout('blazepose33')


def stick_figure(x1, y1, x2, y2) -> Pose:
    """A person that fills a box: face at its top, feet at its bottom, the right side on the left."""
    heights = dict(shoulder=0.2, elbow=0.35, wrist=0.5, hip=0.55, knee=0.8, ankle=0.95, heel=1, foot=1)
    keypoint = []
    for joint in LAYOUT.joints:
        side, _, part = joint.rpartition('_')
        across = 0.5 if joint == 'nose' else 0.0 if 'right' in side else 1.0
        keypoint.append((x1 + across * (x2 - x1), y1 + heights.get(part, 0.0) * (y2 - y1)))
    return Pose(np.array(keypoint, np.float32), np.ones(LAYOUT.num_joints, np.float32))


class LargestRectangle:
    """Finds the largest white rectangle that is at least a fifth of the picture high."""

    made = 0

    def __init__(self) -> None:
        type(self).made += 1
        self.calls = self.forgotten = 0

    def __call__(self, picture):
        self.calls += 1
        boxes = [
            (columns.start, rows.start, columns.stop, rows.stop)
            for rows, columns in find_objects(label(picture[..., 0] > 200)[0])
            if 5 * (rows.stop - rows.start) >= len(picture) and columns.stop - columns.start > 8
        ]
        if not boxes:
            return None
        return stick_figure(*max(boxes, key=lambda box: (box[2] - box[0]) * (box[3] - box[1])))

    def forget(self):
        self.forgotten += 1

    def close(self):
        self.calls = -1


def picture(*boxes) -> np.ndarray:
    out = np.zeros((240, 320, 3), np.uint8)
    for x1, y1, x2, y2 in boxes:
        out[y1:y2, x1:x2] = 255
    return out


def search(**options) -> PersonSearch:
    return PersonSearch(LargestRectangle, layout=LAYOUT, **options)


LEFT, RIGHT, SMALL = (20, 40, 80, 200), (180, 60, 230, 190), (260, 100, 280, 140)


@pytest.mark.parametrize('follows', [True, False])
def test_two_persons_from_an_estimator_of_one(follows):
    finder = search(follows=follows)
    for step in range(12):
        boxes = [(x1 + 3 * step, y1, x2 + 3 * step, y2) for x1, y1, x2, y2 in (LEFT, RIGHT)]
        poses = finder(picture(*boxes))
        np.testing.assert_array_equal(poses.box, boxes)


def test_no_more_than_asked_for():
    assert len(search(max_persons=1)(picture(LEFT, RIGHT))) == 1
    assert len(search(max_persons=5)(picture(LEFT, RIGHT))) == 2
    empty = search()(picture())
    assert empty.keypoint.shape == (0, LAYOUT.num_joints, 2)


def test_somebody_small_is_found_in_a_part_of_the_frame():
    assert LargestRectangle()(picture(SMALL)) is None
    np.testing.assert_array_equal(search()(picture(SMALL)).box, [SMALL])


def test_who_comes_later_is_found_within_a_round():
    finder = search(search_every=2)
    assert len(finder(picture(LEFT))) == 1
    rounds = 2 * len(search_windows(240, 320))
    found = [len(finder(picture(LEFT, SMALL))) for _ in range(rounds + 1)]
    assert found[0] == 1 and found[-1] == 2


def test_who_leaves_is_gone_and_comes_back():
    finder = search(search_every=1)
    assert len(finder(picture(LEFT, RIGHT))) == 2
    assert [len(finder(picture(RIGHT))) for _ in range(3)] == [1, 1, 1]
    assert [len(finder(picture())) for _ in range(2)] == [0, 0]
    assert len(finder(picture(LEFT))) == 1


def test_a_slot_that_runs_over_to_another_person_is_dropped():
    finder = search(search_every=100)
    finder(picture(LEFT, RIGHT))
    # the smaller one is gone: its slot finds the larger one, which counts once
    assert len(finder(picture(LEFT))) == 1


def test_further_searches_cost_one_call_in_some_frames():
    finder = search(search_every=5)
    finder(picture(LEFT))
    slots = [slot.estimator for slot in finder._slots]
    before = [slot.calls for slot in slots]
    for _ in range(20):
        finder(picture(LEFT))
    assert [slot.calls - old for slot, old in zip(slots, before)] == [20, 4]


def test_single_frames_share_one_estimator():
    LargestRectangle.made = 0
    search(follows=False, max_persons=4)(picture(LEFT, RIGHT))
    assert LargestRectangle.made == 1


def test_who_is_new_must_be_found_again():
    class Nothing(LargestRectangle):
        def __call__(self, picture):
            return None

    assert len(search(make_checker=Nothing)(picture(LEFT))) == 0
    assert len(search(make_checker=LargestRectangle)(picture(LEFT, RIGHT))) == 2


def test_the_check_is_of_the_mirrored_person():
    class Mirrorless(LargestRectangle):
        """Takes every picture to be the right way round: its sides are exchanged in a mirrored one."""

        def __call__(self, picture):
            pose = super().__call__(picture)
            return pose and Pose(*mirrored(pose.keypoint, pose.score, picture.shape[1], LAYOUT))

    assert len(search(make_checker=Mirrorless)(picture(LEFT))) == 0


def test_a_video_does_not_depend_on_those_before_it():
    """An estimator that follows may remember anything: each video gets new ones."""

    class Remembers(LargestRectangle):
        def __call__(self, frame):
            found = super().__call__(frame)
            return None if found is None else Pose(found.keypoint + self.calls / 10, found.score)

    finder = PersonSearch(Remembers, layout=LAYOUT)
    videos = [[picture(LEFT)] * 3, [picture(LEFT, RIGHT)] * 4, [picture(RIGHT)] * 2]

    def watch(video):
        finder.start()
        return [finder(frame).keypoint for frame in videos[video]]

    first = [watch(video) for video in (0, 1, 2)]
    for video in (1, 0, 2, 2, 0, 1):
        for poses, before in zip(watch(video), first[video], strict=True):
            np.testing.assert_array_equal(poses, before)


def test_start_looks_for_everybody_again():
    finder = search(search_every=100)
    finder(picture(SMALL))
    assert len(finder(picture(SMALL, LEFT))) == 1
    finder.start()
    assert len(finder(picture(SMALL, LEFT))) == 2


def test_start_closes_what_follows_and_keeps_what_does_not():
    for follows in (True, False):
        finder = search(follows=follows)
        finder(picture(LEFT))
        used = finder._slots[0]
        finder.start()
        assert (used.estimator.calls == -1) == follows
        assert len(finder(picture(LEFT))) == 1
        last = finder._slots[0].estimator
        assert (last is used.estimator) != follows
        finder.close()
        assert last.calls == -1 and not finder._slots


def test_windows_cover_the_frame_and_overlap():
    for height, width in ((1080, 1920), (256, 340), (640, 360), (7, 9)):
        whole, *squares = search_windows(height, width)
        assert whole == (0, 0, width, height)
        covered = np.zeros((height, width), int)
        for x1, y1, x2, y2 in squares:
            assert x2 - x1 == y2 - y1 and 0 <= x1 < x2 <= width and 0 <= y1 < y2 <= height
            covered[y1:y2, x1:x2] += 1
        assert covered.min() >= 1
        center = np.array([(width - 1) / 2, (height - 1) / 2])
        middle = (np.array(squares[0][:2]) + squares[0][2:]) / 2
        assert np.abs(middle - center).max() <= 0.3 * min(height, width)


def test_a_window_around_a_person_lies_in_the_frame():
    assert window_around((100, 100, 120, 140), 240, 320, margin=2) == (70, 80, 150, 160)
    assert window_around((0, 0, 20, 40), 240, 320, margin=2) == (0, 0, 80, 80)
    assert window_around((0, 0, 320, 240), 240, 320) == (0, 0, 320, 240)


def test_leaving_a_window_but_not_the_frame():
    window = (100, 0, 200, 100)
    assert not leaves((120, 0, 180, 100), window, 100, 320)
    assert leaves((103, 20, 150, 80), window, 100, 320)
    assert leaves((120, 20, 197, 80), window, 100, 320)
    assert not leaves((197, 20, 200, 80), (100, 0, 200, 100), 100, 200)


def test_hiding_paints_the_outline_and_leaves_the_picture_alone():
    scene = picture(LEFT, RIGHT)
    before = scene.copy()
    hidden = hide(scene, [outline(stick_figure(*LEFT).keypoint)])
    np.testing.assert_array_equal(scene, before)
    assert hidden[40:200, 20:80].max() < 200
    np.testing.assert_array_equal(hidden[60:190, 180:230], 255)
    assert hide(scene, []) is scene


def test_what_is_no_person():
    person = stick_figure(*LEFT)
    assert is_plausible(person, LAYOUT, 240)
    assert not is_plausible(stick_figure(20, 40, 24, 48), LAYOUT, 240)  # tiny
    assert not is_plausible(stick_figure(20, 40, 220, 100), LAYOUT, 240)  # far wider than long
    without = person.score.copy()
    without[LAYOUT.indices(['left_shoulder', 'right_shoulder'])] = 0
    assert not is_plausible(Pose(person.keypoint, without), LAYOUT, 240)
    face = np.where([LAYOUT.joints.index(joint) < 11 for joint in LAYOUT.joints], 1, 0)
    assert not is_plausible(Pose(person.keypoint, face), LAYOUT, 240)
    seated = person.score.copy()
    seated[LAYOUT.indices([f'{s}_{p}' for s in ('left', 'right') for p in ('hip', 'knee', 'ankle')])] = 0
    assert is_plausible(Pose(person.keypoint, seated), LAYOUT, 240)


def test_mirroring_twice_gives_the_pose_back():
    pose = stick_figure(*LEFT)
    once = Pose(*mirrored(pose.keypoint, pose.score, 320, LAYOUT))
    # right of the picture, and still the right side of the body on the left
    np.testing.assert_allclose(once.box, [320 - 1 - 80, 40, 320 - 1 - 20, 200])
    assert once.keypoint[LAYOUT.index('right_hip'), 0] < once.keypoint[LAYOUT.index('left_hip'), 0]
    np.testing.assert_allclose(mirrored(once.keypoint, once.score, 320, LAYOUT)[0], pose.keypoint)
