"""Somebody who performs procedural motions: one clip, one character, in world coordinates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmactrep.motion.body import BODY, forward_kinematics, place
from mmactrep.motion.characters import character_offsets, sample_characters, standing_height
from mmactrep.motion.procedural.motions.base import MOTIONS, NUM_STYLE, Clock, rest
from mmactrep.motion.procedural.rig import Rig, mirror_rig, solve


@dataclass(frozen=True)
class Actor:
    """A performer and the time that there is.

    Args:
        offsets: (1, J, 3) bones of the character, meters.
        frames: Frames T of the clip.
        fps: Frames per second.
        left_handed: Whether the left hand acts.
        heading: Radians; 0 faces the camera at yaw 0, along +z.
        style: (1, NUM_STYLE) personal variation in [-1, 1].
        character: Number of the character.
    """

    offsets: np.ndarray
    frames: int
    fps: float
    left_handed: bool
    heading: float
    style: np.ndarray
    character: int = 0

    @classmethod
    def draw(
        cls, rng: np.random.Generator, frames: int, fps: float, characters: tuple[int, int], heading: float
    ) -> Actor:
        """A random member of the population.

        Args:
            rng: Generator.
            frames, fps, heading: See the class.
            characters: First and one past the last number of the characters that may perform.
        """
        character = rng.integers(*characters, size=1)
        return cls(
            character_offsets(sample_characters(character)),
            frames,
            fps,
            bool(rng.random() < 0.4),
            heading,
            rng.uniform(-1, 1, (1, NUM_STYLE)).astype(np.float32),
            int(character[0]),
        )

    @property
    def seconds(self) -> float:
        """Length of the clip."""
        return self.frames / self.fps

    @property
    def height(self) -> float:
        """Of the standing performer, meters."""
        return float(standing_height(self.offsets)[0])

    @property
    def hand(self) -> str:
        """The side of the hand that acts: 'left' or 'right'."""
        return 'left' if self.left_handed else 'right'

    @property
    def ahead(self) -> np.ndarray:
        """(3,) where the performer looks."""
        return np.array([np.sin(self.heading), 0.0, np.cos(self.heading)])

    def clock(
        self,
        rng: np.random.Generator,
        duration: float = 2.0,
        frequency: float = 1.0,
        walks_until: float | None = None,
    ) -> Clock:
        """Time of a motion that is over within the clip, as likely early as late.

        Args:
            rng: Generator.
            duration: Seconds of the motion at normal speed; it goes faster where the clip is too short.
            frequency: Cycles per second of a motion that repeats.
            walks_until: When a motion that repeats ends, seconds; None if it does not.
        """
        t = np.arange(self.frames, dtype=np.float32)[None] / np.float32(self.fps)
        speed = max(rng.uniform(0.8, 1.3), duration / (0.92 * self.seconds))
        begin = rng.uniform(0, max(self.seconds - duration / speed, 0))
        progress = np.clip((t - begin) * speed / duration, 0, 1)
        end = np.clip(((np.inf if walks_until is None else walks_until) - t) / 0.5, 0, 1)
        one = np.ones((1, 1), np.float32)
        return Clock(
            t=t,
            p=progress.astype(np.float32),
            cycle=(rng.random() + frequency * speed * t).astype(np.float32),
            env=(end * end * (3 - 2 * end)).astype(np.float32),
            amp=one * np.float32(rng.uniform(0.85, 1.15)),
            speed=one * np.float32(speed),
            seated=0 * one,
            repeat=0 * one,
            style=self.style,
            dt=1.0 / self.fps,
        )

    def perform(self, rig: Rig) -> np.ndarray:
        """Joints (T, J, 3) of controls, in the world: the performer turned to the heading, on the floor."""
        animation = solve(mirror_rig(rig, np.array([self.left_handed])))
        joints = place(forward_kinematics(animation.angles, self.offsets), animation.root, self.offsets)[0]
        cos, sin = np.cos(self.heading), np.sin(self.heading)
        turn = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]], joints.dtype)
        return joints @ turn.T

    def motion(self, name: str, clock: Clock) -> np.ndarray:
        """Joints (T, J, 3) of one of the procedural motions."""
        return self.perform(MOTIONS[name].function(clock, rest(clock)))

    def grip(self, joints: np.ndarray) -> np.ndarray:
        """(T, 3) where the hand that acts holds something."""
        wrist, tip = (joints[:, BODY.index(f'{self.hand}_{name}')] for name in ('wrist', 'hand_tip'))
        return 0.35 * wrist + 0.65 * tip
