"""Panels and their places."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.visualization.score_panel import (
    PanelPlacer,
    blend_panel,
    draw_panel,
    overlap_area,
    panel_spots,
    text_size_for,
)

FRAME = (480, 640)


def rect(place, size):
    return (place[0], place[1], place[0] + size[1], place[1] + size[0])


def test_overlap_is_what_a_mask_counts(rng):
    for _ in range(20):
        boxes = [
            (x, y, x + w, y + h)
            for x, y, w, h in rng.integers([0, 0, 1, 1], [60, 60, 40, 40], (3, 4)).tolist()
        ]
        masks = np.zeros((3, 120, 120), int)
        for mask, (x1, y1, x2, y2) in zip(masks, boxes):
            mask[y1:y2, x1:x2] = 1
        expected = (masks[0] * masks[1]).sum() + (masks[0] * masks[2]).sum()
        assert overlap_area(boxes[0], boxes[1:]) == expected


@pytest.mark.parametrize(('box', 'side'), [((50, 100, 150, 400), 'right'), ((450, 100, 600, 400), 'left')])
def test_the_panel_stands_on_the_side_with_more_room(box, side):
    size = (100, 150)
    place = PanelPlacer().place({0: box}, {0: size}, FRAME)[0]
    assert place == panel_spots(box, size, FRAME, 8)[side]
    assert overlap_area(rect(place, size), [box]) == 0
    assert place[0] > box[2] if side == 'right' else place[0] + size[1] < box[0]


def test_panels_stay_inside_and_off_persons_wherever_there_is_room(rng):
    """Persons of at most a third of the width leave room for a panel of a quarter."""
    for _ in range(200):
        width, height = rng.uniform(20, 200), rng.uniform(20, 470)
        x, y = rng.uniform(0, 640 - width), rng.uniform(0, 480 - height)
        box, size = (x, y, x + width, y + height), (100, 160)
        place = PanelPlacer().place({7: box}, {7: size}, FRAME)[7]
        left, top, right, bottom = rect(place, size)
        assert left >= 0 and top >= 0 and right <= 640 and bottom <= 480
        assert overlap_area(rect(place, size), [box]) == 0


def test_two_neighbors_have_their_panels_on_the_outer_sides():
    boxes = {0: (200, 100, 300, 400), 1: (310, 100, 410, 400)}
    size = (100, 150)
    places = PanelPlacer().place(boxes, {0: size, 1: size}, FRAME)
    for place in places.values():
        assert overlap_area(rect(place, size), list(boxes.values())) == 0
    assert places[0][0] < 200 and places[1][0] > 410
    assert overlap_area(rect(places[0], size), [rect(places[1], size)]) == 0


def test_a_wavering_limb_does_not_shake_the_panel():
    placer, size = PanelPlacer(), (100, 150)
    places = []
    for t in range(60):
        box = (100.0, 100.0, 200.0 + 40 * (t % 2), 400.0)
        place = placer.place({0: box}, {0: size}, FRAME)[0]
        assert overlap_area(rect(place, size), [box]) == 0
        places.append(place)
    steps = np.abs(np.diff(np.asarray(places[2:]), axis=0)).max()
    assert steps <= 4, 'the box moves by 40 pixels a frame'


def test_the_side_is_kept_while_a_person_crosses_the_middle():
    """The side with more room changes at the middle; the panel must not jump there and back."""
    placer, size = PanelPlacer(), (100, 150)
    sides = []
    for t in range(100):
        center = 320 + 10 * np.sin(t / 3)
        box = (center - 50, 100.0, center + 50, 400.0)
        sides.append(placer.place({0: box}, {0: size}, FRAME)[0][0] > center)
    assert len(set(sides)) == 1


def test_a_forgotten_track_starts_anew():
    placer, size = PanelPlacer(), (50, 50)
    placer.place({0: (0, 0, 300, 300)}, {0: size}, FRAME)
    placer.place({}, {}, FRAME)
    box = (400, 200, 500, 300)
    assert placer.place({0: box}, {0: size}, FRAME) == PanelPlacer().place({0: box}, {0: size}, FRAME)


def test_bars_are_as_long_as_probabilities():
    rows = (('first', 1.0), ('second', 0.5), ('third', 0.0))
    panel = draw_panel('', rows, 20)
    bar = np.array([132, 92, 62])
    lengths = (panel == bar).all(axis=2).sum(axis=1)
    line, pad = 28, 6
    # the upper edge of each row lies above the letters
    first, second, third = (int(lengths[pad + line * (k + 1) + 2]) for k in range(3))
    assert first > 100 and abs(second - first / 2) <= 2 and third == 0


def test_the_width_does_not_depend_on_the_probabilities():
    sizes = {draw_panel('person 0', (('jump', p), ('sit', 1 - p)), 20).shape for p in (0.0, 0.07, 0.5, 1.0)}
    assert len(sizes) == 1


def test_text_grows_with_the_picture():
    assert text_size_for(256) >= 10
    assert text_size_for(2160) == pytest.approx(2 * text_size_for(1080), abs=1)
    assert draw_panel('x', (), 40).shape[0] > draw_panel('x', (), 20).shape[0]


def test_blending_changes_the_panel_s_place_alone():
    image = np.full((100, 100, 3), 200, np.uint8)
    blend_panel(image, np.zeros((20, 30, 3), np.uint8), (90, -5))
    changed = (image != 200).any(axis=2)
    expected = np.zeros((100, 100), bool)
    expected[0:15, 90:100] = True
    np.testing.assert_array_equal(changed, expected)
    blend_panel(image, np.zeros((20, 30, 3), np.uint8), (200, 200))


def test_panels_of_persons_in_one_place_do_not_cover_each_other():
    box = (480.0, 100.0, 520.0, 300.0)
    places = PanelPlacer().place({1: box, 2: box}, {1: (100, 100), 2: (100, 100)}, (400, 1000))
    first, second = ((x, y, x + 100, y + 100) for x, y in places.values())
    assert overlap_area(first, [second]) == 0
    assert overlap_area(first, [box]) == overlap_area(second, [box]) == 0


def test_the_side_with_more_room_comes_first():
    left, right = (100.0, 50.0, 200.0, 200.0), (700.0, 50.0, 800.0, 200.0)
    assert next(iter(panel_spots(left, (40, 60), (300, 1000), 5))) == 'right'
    assert next(iter(panel_spots(right, (40, 60), (300, 1000), 5))) == 'left'
