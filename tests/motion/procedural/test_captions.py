"""Sentences about procedural clips agree with what the bodies do."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.motion.body import BODY
from mmactrep.motion.procedural.captions import PHRASES, Event, caption, direction_of, predicate
from mmactrep.motion.procedural.factors import motion_names
from mmactrep.motion.procedural.generator import CLEAN, MotionGenerator
from mmactrep.motion.procedural.motions.base import MOTIONS

LIMBS = dict(hand='wrist', arm='wrist', leg='ankle')


def path_lengths(motion: str, left: bool, joint: str) -> tuple[float, float]:
    """Meters that the left and the right joint of some performers travel, wrists relative to the hips."""
    generator = MotionGenerator(frames=80, classes=[motion], seed=3, compose=0.0, seated=0.0, **CLEAN)
    factors = generator.sample_factors(12).replace(side=int(left), speed=1.0)
    positions = generator.positions(generator.animate(factors), generator.offsets(factors))
    if joint == 'wrist':
        positions = positions - positions[:, :, [BODY.index('mid_hip')]]
    return tuple(
        np.linalg.norm(np.diff(positions[:, :, BODY.index(f'{side}_{joint}')], axis=1), axis=-1).sum()
        for side in ('left', 'right')
    )


def test_every_motion_has_a_phrase():
    assert set(PHRASES) == set(motion_names())


@pytest.mark.parametrize('left', [False, True])
@pytest.mark.parametrize(
    'motion', [name for name, phrase in PHRASES.items() if phrase.limb and name != 'hop']
)
def test_the_limb_named_is_the_one_that_moves(motion, left):
    words = predicate(Event(motion, left), np.random.default_rng(0))
    limb = PHRASES[motion].limb
    assert words.endswith(f'with the {"left" if left else "right"} {limb}')
    left_path, right_path = path_lengths(motion, left, LIMBS[limb])
    assert (left_path > right_path) == left


@pytest.mark.parametrize(('motion', 'share'), [('drink', 0.12), ('reach_up', 0.3)])
def test_both_hands_are_told_of_those_who_raise_both(motion, share):
    generator = MotionGenerator(frames=80, classes=[motion], seed=4, compose=0.0, seated=0.0, **CLEAN)
    factors = generator.sample_factors(200).replace(speed=1.0, onset=0.2, repeat=0, amplitude=1.0)
    told = MOTIONS[motion].takes_both(factors['style'])
    assert told.mean() == pytest.approx(share, abs=0.07)
    positions = generator.positions(generator.animate(factors), generator.offsets(factors))
    height = positions[..., 1]
    hands = BODY.indices(('left_wrist', 'right_wrist'))
    # one hand at least gets to the chin; the other one, too, or it stays below the chest
    chin = height[:, :, BODY.index('neck')].max(axis=1)
    raised = height[:, :, hands].max(axis=1).min(axis=1) > chin - 0.05
    np.testing.assert_array_equal(raised, told)
    words = predicate(Event(motion, both=True), np.random.default_rng(0))
    assert words.endswith(' with both hands')


def test_motions_of_one_hand_or_of_two_by_nature_are_not_done_with_both():
    style = np.random.default_rng(0).uniform(-1, 1, (50, 24))
    assert {name for name, spec in MOTIONS.items() if spec.takes_both(style).any()} == {'drink', 'reach_up'}


@pytest.mark.parametrize('left', [False, True])
def test_the_leg_named_for_hopping_is_the_one_on_the_floor(left):
    words = predicate(Event('hop', left), np.random.default_rng(0))
    generator = MotionGenerator(frames=80, classes=['hop'], seed=3, **CLEAN)
    factors = generator.sample_factors(8).replace(side=int(left))
    positions = generator.positions(generator.animate(factors), generator.offsets(factors))
    lowest = [positions[:, 40:, BODY.index(f'{side}_ankle'), 1].mean() for side in ('left', 'right')]
    assert words.endswith(f'with the {"left" if lowest[0] < lowest[1] else "right"} leg')


@pytest.mark.parametrize(
    ('travel', 'words'),
    [
        ((2.0, 0.3), 'to the right'),
        ((-2.0, -1.0), 'to the left'),
        ((0.3, 1.5), 'away from the camera'),
        ((0.3, -1.5), 'towards the camera'),
        ((0.5, 0.5), ''),
    ],
)
def test_directions(travel, words):
    assert direction_of(travel) == words


def test_sentences_put_events_in_order():
    events = [Event('walk', speed=0.8, travel=(-1.5, 0.0)), Event('salute', left=True)]
    assert caption(events, np.random.default_rng(0)).endswith(
        'walks slowly to the left, then salutes with the left hand'
    )
    whole = caption([Event('salute', speed=1.3, companion='march')], np.random.default_rng(1))
    assert whole.endswith('salutes quickly with the right hand while marching')
    assert caption([Event('bow', seated=True)], np.random.default_rng(1)).endswith('bows while sitting')
    with pytest.raises(ValueError, match='at least one'):
        caption([], np.random.default_rng(0))
