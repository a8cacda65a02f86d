"""Motions do what their names and docstrings say, of a right-handed performer, measured on bodies in space.

Bodies are scaled to the height of the reference body, 1.75 m. x is to the performer's left, y up, z ahead.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from mmactrep.motion.body import BODY
from mmactrep.motion.characters import standing_height
from tests.helpers.procedural_motion import film

X, Y, Z = range(3)
SIDES = ('left', 'right')


class Performances:
    """Films of a motion: ``at(joint)`` is (N, T, 3), against another joint ``at(joint, other)``."""

    def __init__(self, name: str) -> None:
        positions, made = film(name, n=12, frames=64, amplitude=1.0, warp=1.0)
        self._positions = positions * (1.75 / standing_height(made['offsets']))[:, None, None, None]

    def at(self, joint: str, origin: str | None = None) -> np.ndarray:
        found = self._positions[:, :, BODY.index(joint)]
        return found if origin is None else found - self.at(origin)

    def knee(self, side: str) -> np.ndarray:
        """(N, T) bend of a knee, radians."""
        thigh, shin = self.at(f'{side}_knee', f'{side}_hip'), self.at(f'{side}_ankle', f'{side}_knee')
        cos = (thigh * shin).sum(-1) / np.linalg.norm(thigh, axis=-1) / np.linalg.norm(shin, axis=-1)
        return np.arccos(np.clip(cos, -1, 1))

    def lean(self) -> np.ndarray:
        """(N, T) how far the trunk leans ahead, radians."""
        trunk = self.at('neck', 'mid_hip')
        return np.arctan2(trunk[..., Z], trunk[..., Y])

    def look(self) -> np.ndarray:
        """(N, T) elevation of the face, radians; up is positive."""
        face = self.at('nose', 'left_ear') + self.at('nose', 'right_ear')
        return np.arctan2(face[..., Y], np.hypot(face[..., X], face[..., Z]))


of = cache(Performances)


def turns(values: np.ndarray) -> np.ndarray:
    """(N,) changes of direction of (N, T)."""
    way = np.sign(np.diff(values, axis=1))
    return (way[:, 1:] * way[:, :-1] < 0).sum(axis=1)


def correlation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(N,) of (N, T) and (N, T)."""
    a, b = (values - values.mean(axis=1, keepdims=True) for values in (a, b))
    return (a * b).sum(axis=1) / np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))


def pick(values: np.ndarray, moment: np.ndarray) -> np.ndarray:
    """(N,) or (N, 3): values (N, T, ...) at a moment (N,) of each."""
    return values[np.arange(len(values)), moment]


@pytest.mark.parametrize('name', ['walk', 'run', 'march'])
def test_arms_swing_against_the_legs(name):
    made = of(name)
    ahead = made.at('nose', 'neck') * [1, 0, 1]
    arms, legs = (
        (made.at(f'left_{joint}', f'right_{joint}') * ahead).sum(-1)
        for joint in ('wrist', 'knee' if name == 'march' else 'ankle')
    )
    assert (correlation(arms, legs) < -0.6).all()


def test_a_walker_stands_over_the_foot_on_the_floor():
    made = of('walk')
    across = made.at('left_hip', 'right_hip') * [1, 0, 1]
    sideways = ((made.at('mid_hip') - made.at('mid_hip').mean(axis=1, keepdims=True)) * across).sum(-1)
    sway = sideways - np.stack([np.convolve(row, np.ones(22) / 22, 'same') for row in sideways])
    higher = made.at('left_ankle', 'right_ankle')[..., Y]
    assert (correlation(sway[:, 12:-12], higher[:, 12:-12]) < 0).mean() > 0.8


def test_marching_lifts_the_knees():
    made = of('march')
    for side in SIDES:
        assert (made.at(f'{side}_knee', f'{side}_hip')[..., Y].max(axis=1) > -0.3).all()
        assert (np.ptp(made.at('mid_hip')[..., Z], axis=1) < 0.1).all()  # on the spot


def test_a_waving_hand_is_up_and_goes_from_side_to_side():
    hand = of('wave').at('right_wrist', 'right_shoulder')
    assert (hand[..., Y] > 0.05).all()
    assert (np.ptp(hand[..., X], axis=1) > 0.12).all() and (turns(hand[..., X]) >= 6).all()
    assert (np.ptp(hand[..., X], axis=1) > 2 * np.ptp(hand[..., Z], axis=1)).all()


def test_who_points_looks_there():
    made = of('point')
    hand, face = made.at('right_wrist', 'right_shoulder'), made.at('nose', 'neck')
    out = np.hypot(hand[..., X], hand[..., Z]).argmax(axis=1)
    aim = pick(np.arctan2(hand[..., X], hand[..., Z]), out)  # negative: to the right
    turned = pick(np.arctan2(face[..., X], face[..., Z]), out) - np.arctan2(face[:, 0, X], face[:, 0, Z])
    assert (aim < -0.8).any() and (turned[aim < -0.5] < -0.1).all()
    assert correlation(aim[None], turned[None])[0] > 0.7


def test_pushing_goes_ahead_and_pulling_comes_back():
    push, pull = of('push'), of('pull')
    reach = {name: of(name).at('right_wrist', 'right_shoulder')[..., Z] for name in ('push', 'pull')}
    far = reach['push'].argmax(axis=1)
    assert (pick(reach['push'], far) > 0.4).all() and (pick(push.lean(), far) > 0.25).all()
    assert (pick(push.at('mid_hip')[..., Z], far) > push.at('mid_hip')[:, 0, Z] + 0.08).all()
    # the left foot is before the right one
    assert (pick(push.at('left_ankle', 'right_ankle')[..., Z], far) > 0.3).all()
    taken = reach['pull'][:, :20].argmax(axis=1)
    near = 20 + pull.lean()[:, 20:36].argmin(axis=1)
    assert (pick(reach['pull'], taken) > 0.35).all() and (pick(reach['pull'], near) < 0.3).all()
    assert (pick(pull.lean(), taken) > pick(pull.lean(), near) + 0.2).all()
    assert (pick(pull.lean(), near) < 0.05).all()
    assert (pick(pull.at('mid_hip')[..., Z], near) < pick(pull.at('mid_hip')[..., Z], taken) - 0.08).all()


def test_raised_hands_are_over_the_head():
    reach, stretch = of('reach_up'), of('stretch')
    for made, sides in ((reach, ('right',)), (stretch, SIDES)):
        for side in sides:
            assert (made.at(f'{side}_wrist', 'head')[..., Y].max(axis=1) > 0.05).all()
    sinking = stretch.at('left_wrist', 'right_wrist')[..., X]
    assert (sinking.max(axis=1) > 1.0).all()  # to the sides


def test_arms_circle():
    made = of('arm_circles')
    for side in SIDES:
        hand = made.at(f'{side}_wrist', f'{side}_shoulder')
        assert (np.ptp(hand[..., Y], axis=1) > 0.8).all() and (np.ptp(hand[..., Z], axis=1) > 0.7).all()


def test_shoulders_are_shrugged():
    made = of('shrug')
    for side in SIDES:
        height = made.at(f'{side}_shoulder', 'neck')[..., Y]
        assert (height.max(axis=1) - height[:, 0] > 0.025).all()


def test_folded_arms_cross():
    made = of('fold_arms')
    apart = made.at('left_wrist', 'right_wrist')[..., X]
    assert (apart[:, 0] > 0.2).all() and (apart.min(axis=1) < 0.02).all()
    closed = apart.argmin(axis=1)
    for side in SIDES:
        assert (pick(made.at(f'{side}_wrist', 'mid_hip')[..., Z], closed) > 0.05).all()  # before the chest
        assert (pick(made.at(f'{side}_wrist', 'chest')[..., Y], closed) > -0.05).all()


def test_arms_raised_sideways_get_to_the_shoulders_height():
    made = of('side_raise')
    for side, sign in (('left', 1), ('right', -1)):
        hand = made.at(f'{side}_wrist', f'{side}_shoulder')
        top = hand[..., Y].argmax(axis=1)
        assert (np.abs(pick(hand[..., Y], top)) < 0.15).all()
        assert (sign * pick(hand[..., X], top) > 0.4).all() and (hand[:, 0, Y] < -0.25).all()


@pytest.mark.parametrize(
    ('name', 'least'),
    [('use_phone', 0.25), ('read', 0.2), ('wash_hands', 0.2), ('stir', 0.15), ('sweep', 0.2)],
)
def test_eyes_are_on_the_hands(name, least):
    made, idle = of(name), of('stand')
    assert (idle.look().mean(axis=1) - made.look().mean(axis=1) > least).all()


def test_a_watch_is_before_the_eyes():
    made = of('check_watch')
    up = made.at('right_wrist')[..., Y].argmax(axis=1)
    assert (np.abs(pick(made.at('right_wrist', 'neck')[..., X], up)) < 0.15).all()
    assert (pick(made.at('right_wrist', 'neck')[..., Z], up) > 0.15).all()
    looks = made.look()
    assert (looks[:, 0] - looks[:, 14:34].min(axis=1) > 0.15).all()


def test_a_comb_goes_over_the_head_to_its_back():
    hand = of('comb_hair').at('right_wrist', 'right_ear')
    assert (hand[..., Y] > 0.0).all()
    assert (hand[..., Z].max(axis=1) > 0.05).all() and (hand[..., Z].min(axis=1) < -0.03).all()
    # the other side of the way: on the way back the hand is away from the hair
    assert (turns(hand[..., Z]) >= 3).all()


def test_a_spoon_goes_around():
    hand = of('stir').at('right_wrist', 'right_shoulder')
    x, z = (hand[..., axis] - hand[..., axis].mean(axis=1, keepdims=True) for axis in (X, Z))
    area = 0.5 * (x[:, 1:] * np.diff(z, axis=1) - z[:, 1:] * np.diff(x, axis=1)).sum(axis=1)
    circles = 1.3 * 63 / 20
    assert (np.abs(area) / circles > 0.5 * np.pi * 0.035**2).all()


def test_hands_are_rubbed_against_each_other():
    made = of('wash_hands')
    left, right = (made.at(f'{side}_wrist', f'{side}_shoulder')[..., Z] for side in SIDES)
    assert (correlation(left, right) < -0.5).all() and (np.ptp(left, axis=1) > 0.05).all()
    assert (np.linalg.norm(made.at('left_wrist', 'right_wrist'), axis=-1) < 0.25).all()


def test_who_drinks_tilts_the_head_back():
    looks = of('drink').look()
    # 3.2 s: the cup is at the mouth about the middle
    assert (looks[:, 34:40].max(axis=1) > looks[:, 4:8].mean(axis=1) + 0.1).all()


def test_squats_bends_and_bows_differ():
    squat, bend, bow = of('squat'), of('bend'), of('bow')
    low = squat.at('mid_hip')[..., Y].argmin(axis=1)
    drop = squat.at('mid_hip')[:, 0, Y] - pick(squat.at('mid_hip')[..., Y], low)
    assert (drop > 0.3).all() and (pick(squat.knee('left'), low) > 1.2).all()
    assert ((pick(squat.lean(), low) > 0.3) & (pick(squat.lean(), low) < 1.1)).all()
    down = bend.lean().argmax(axis=1)
    assert (pick(bend.lean(), down) > 1.0).all() and (pick(bend.knee('left'), down) < 0.8).all()
    assert (pick(bend.at('right_hand_tip', 'right_knee')[..., Y], down) < 0.05).all()
    down = bow.lean().argmax(axis=1)
    assert ((pick(bow.lean(), down) > 0.35) & (pick(bow.lean(), down) < 1.1)).all()
    assert (pick(bow.knee('left'), down) < 0.7).all()
    for side in SIDES:  # hands stay at the thighs
        assert (pick(bow.at(f'{side}_wrist', f'{side}_knee')[..., Y], down) > 0.1).all()


def test_who_kneels_is_on_the_right_knee():
    made = of('kneel')
    assert (made.at('right_knee')[:, -1, Y] < 0.16).all() and (made.at('left_knee')[:, -1, Y] > 0.3).all()
    assert (made.at('right_ankle', 'left_ankle')[:, -1, Z] < -0.4).all()


def test_a_lunge_steps_ahead_and_bends_both_knees():
    made = of('lunge')
    step = made.at('right_ankle', 'left_ankle')[..., Z]
    low = made.at('mid_hip')[..., Y].argmin(axis=1)
    assert (pick(step, low) > 0.55).all() and (np.abs(step[:, -1]) < 0.15).all()
    assert all((pick(made.knee(side), low) > 0.9).all() for side in SIDES)


def test_a_kick_goes_ahead_of_the_body():
    made = of('kick')
    foot = made.at('right_ankle', 'right_hip')
    behind, ahead = foot[..., Z].argmin(axis=1), foot[..., Z].argmax(axis=1)
    assert (behind < ahead).all()
    assert (pick(foot[..., Z], behind) < -0.15).all() and (pick(foot[..., Z], ahead) > 0.3).all()
    assert (pick(made.at('right_ankle')[..., Y], ahead) > 0.25).all()


def test_throws_and_punches_come_from_the_shoulder_behind():
    """Positive: the right shoulder is before the left one."""
    for name, reach in (('throw', 0.3), ('punch', 0.33)):
        made = of(name)
        turned = made.at('right_shoulder', 'left_shoulder')[..., Z]
        hand = made.at('right_wrist', 'right_shoulder')[..., Z]
        out = hand.argmax(axis=1)
        assert (pick(hand, out) > reach).all(), name
        wound = np.array([row[: end + 1].min() for row, end in zip(turned, out)])
        assert (wound < -0.03).all() and (pick(turned, out) > 0.05).all(), name
    hand = of('throw').at('right_wrist', 'right_shoulder')
    back = hand[:, :24, Z].argmin(axis=1)
    assert (pick(hand[..., Z], back) < 0.0).all() and (hand[..., Y].max(axis=1) > 0.2).all()


def test_people_fall_forward_and_backward():
    made = of('fall')
    head = made.at('head')[:, -1, Z] - made.at('mid_hip')[:, 0, Z]
    forward = head > 0
    assert 0.2 < forward.mean() < 0.8 and (np.abs(head) > 0.5).all()
    look = made.look()[:, -1]
    assert (look[~forward] > 0.6).all() and (look[forward] < 0.3).all()


def test_who_lies_down_is_on_the_back():
    made, _ = film('lie_down', n=8, frames=110)
    nose, ear = (made[:, -1, BODY.index(joint), Y] for joint in ('nose', 'left_ear'))
    assert (nose > ear + 0.05).all()


def test_a_broom_is_drawn_from_side_to_side_with_both_hands():
    made = of('sweep')
    for side in SIDES:
        hand = made.at(f'{side}_wrist', 'mid_hip')[..., X]
        assert (np.ptp(hand, axis=1) > 0.08).all() and (turns(hand) >= 2).all()
    assert (np.ptp(made.at('right_wrist', 'mid_hip')[..., X], axis=1) > 0.2).all()
    assert (made.at('left_wrist', 'right_wrist')[..., Y] > 0.05).all()  # one above the other
