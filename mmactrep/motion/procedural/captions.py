"""Sentences about procedural clips, made of their factors: "walks slowly, then waves with the right hand"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SLOW, FAST = 0.88, 1.2
"""Speeds below and above which a motion is called slow or quick."""
TRAVEL = 0.8
"""Meters across the image, or towards the camera, from which on a direction is named."""

SUBJECTS = ('a person', 'somebody', 'someone')


@dataclass(frozen=True)
class Phrase:
    """How a motion is told.

    Args:
        verbs: Verb phrases in the third person.
        limb: What one side does it with: 'hand', 'arm' or 'leg'; None if both sides take part alike.
        travels: Whether the performer goes somewhere.
    """

    verbs: tuple[str, ...]
    limb: str | None = None
    travels: bool = False


PHRASES: dict[str, Phrase] = dict(
    drink=Phrase(('drinks from a cup', 'takes a sip'), 'hand'),
    eat=Phrase(('eats', 'brings bite after bite to the mouth'), 'hand'),
    brush_teeth=Phrase(('brushes the teeth',), 'hand'),
    comb_hair=Phrase(('combs the hair',), 'hand'),
    phone_call=Phrase(('talks on the phone', 'holds a phone to the ear'), 'hand'),
    use_phone=Phrase(('types on a phone', 'taps on a phone')),
    read=Phrase(('reads a book', 'holds a book and reads')),
    check_watch=Phrase(('looks at the watch', 'checks the time on the wrist')),
    stir=Phrase(('stirs in a pot',), 'hand'),
    wash_hands=Phrase(('washes the hands', 'rubs the hands together')),
    wave=Phrase(('waves', 'waves hello'), 'hand'),
    clap=Phrase(('claps the hands', 'applauds')),
    punch=Phrase(('punches', 'strikes a blow'), 'hand'),
    point=Phrase(('points at something',), 'hand'),
    push=Phrase(('pushes something away', 'pushes with both hands')),
    pull=Phrase(('pulls something in', 'pulls with both hands')),
    reach_up=Phrase(('reaches up', 'reaches for a high shelf'), 'hand'),
    stretch=Phrase(('stretches both arms overhead', 'stretches')),
    arm_circles=Phrase(('swings the arms in circles',)),
    nod=Phrase(('nods the head', 'nods')),
    shake_head=Phrase(('shakes the head',)),
    shrug=Phrase(('shrugs the shoulders', 'shrugs')),
    salute=Phrase(('salutes',), 'hand'),
    fold_arms=Phrase(('crosses the arms', 'folds the arms before the chest')),
    stand=Phrase(('stands still', 'does nothing')),
    side_raise=Phrase(('raises both arms sideways',)),
    walk=Phrase(('walks',), travels=True),
    run=Phrase(('runs', 'jogs'), travels=True),
    march=Phrase(('marches on the spot', 'walks on the spot with high knees')),
    hop=Phrase(('hops on one leg',), 'leg'),
    jump=Phrase(('jumps up', 'jumps')),
    jumping_jack=Phrase(('does jumping jacks',)),
    kick=Phrase(('kicks',), 'leg'),
    lunge=Phrase(('does a lunge', 'steps forward into a lunge'), 'leg'),
    turn_around=Phrase(('turns around',)),
    sit_down=Phrase(('sits down', 'sits down on a chair')),
    stand_up=Phrase(('stands up', 'gets up from a chair')),
    squat=Phrase(('does a squat', 'squats')),
    bend=Phrase(('bends down', 'bends forward to the feet')),
    bow=Phrase(('bows',)),
    pick_up=Phrase(('picks something up from the floor', 'lifts something from the floor')),
    lie_down=Phrase(('lies down on the floor',)),
    fall=Phrase(('falls to the floor', 'falls down')),
    kneel=Phrase(('kneels down',)),
    sweep=Phrase(('sweeps the floor with a broom',)),
    throw=Phrase(('throws something', 'throws a ball'), 'hand'),
)
"""How each motion is told; the limb is the performer's own left or right."""

# hop: stands on the other leg than the one that the mirrored form would name
_OTHER_SIDE = ('hop',)


@dataclass(frozen=True)
class Event:
    """What a caption needs to know of one action.

    Args:
        motion: Name of the motion.
        left: Whether it is the mirrored, left-handed form.
        speed: Around 1.
        travel: (2,) meters to the image's right, and away from the camera, from first to last frame.
        seated: Whether it is done on a chair.
        companion: Motion of the legs that goes on meanwhile.
        both: Whether both hands do what others do with one, see :class:`~.motions.base.Motion`.
    """

    motion: str
    left: bool = False
    speed: float = 1.0
    travel: tuple[float, float] = (0.0, 0.0)
    seated: bool = False
    companion: str | None = None
    both: bool = False


def direction_of(travel: Sequence[float]) -> str:
    """Where the performer goes, as the camera sees it; '' if hardly anywhere.

    >>> direction_of((-2.0, 0.5)), direction_of((0.1, -1.5)), direction_of((0.2, 0.1))
    ('to the left', 'towards the camera', '')
    """
    across, away = float(travel[0]), float(travel[1])
    if max(abs(across), abs(away)) < TRAVEL:
        return ''
    if abs(across) >= abs(away):
        return 'to the right' if across > 0 else 'to the left'
    return 'away from the camera' if away > 0 else 'towards the camera'


def predicate(event: Event, rng: np.random.Generator) -> str:
    """Verb phrase of an event: ``'waves slowly with the left hand while walking'``."""
    phrase = PHRASES[event.motion]
    words = [str(rng.choice(phrase.verbs))]
    if event.speed < SLOW:
        words.append('slowly')
    elif event.speed > FAST:
        words.append('quickly')
    if phrase.travels and (where := direction_of(event.travel)):
        words.append(where)
    if event.both:
        words.append(f'with both {phrase.limb}s')
    elif phrase.limb:
        left = event.left != (event.motion in _OTHER_SIDE)
        words.append(f'with the {"left" if left else "right"} {phrase.limb}')
    if event.seated:
        words.append('while sitting')
    if event.companion:
        words.append(f'while {dict(walk="walking", march="marching")[event.companion]}')
    return ' '.join(words)


def caption(events: Sequence[Event], rng: np.random.Generator) -> str:
    """A sentence about one or several events in their order.

    Args:
        events: At least one.
        rng: Chooses among the wordings.
    """
    if not events:
        raise ValueError('a caption is about at least one event')
    return f'{rng.choice(SUBJECTS)} ' + ', then '.join(predicate(event, rng) for event in events)
