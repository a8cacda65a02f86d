"""Motion libraries: what is in them, the same motion on all characters, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.motion.body import BODY
from mmactrep.motion.characters import character_offsets, sample_characters
from mmactrep.motion.library import LibrarySplit, MotionClip, MotionLibrary, write_library
from mmactrep.motion.library_layout import LIBRARY_LAYOUT
from mmactrep.motion.procedural.motions.base import MOTIONS
from mmactrep.motion.sources import LibrarySettings
from mmactrep.store.format import BadClipError, StoreError
from mmactrep.store.writer import SkeletonStoreWriter

LIMBS = [
    (f'{side}_{child}', f'{side}_{parent}')
    for side in ('left', 'right')
    for child, parent in (('knee', 'hip'), ('ankle', 'knee'), ('elbow', 'shoulder'), ('wrist', 'elbow'))
]


def bone(positions, child, parent):
    return positions[:, LIBRARY_LAYOUT.index(child)] - positions[:, LIBRARY_LAYOUT.index(parent)]


def test_splits_share_neither_characters_nor_motions(library):
    train, test = MotionLibrary(library, 'train'), MotionLibrary(library, 'test')
    classes = len(MOTIONS) - 1  # all but 'stand'
    assert len(train) == classes - 2 + 4 and len(train.characters) == 3
    assert len(test) == classes + 1 and len(test.characters) == 2
    assert not set(train.characters) & set(test.characters)
    assert train.motions[-4:] == ['walk_0', 'walk_1', 'walk_2', 'walk_3'] and test.motions[-1] == 'walk_4'
    names = [{split.classes[label] for label in split.labels} for split in (train, test)]
    assert names[1] - names[0] == {'wave', 'kick'} and names[0] < names[1]
    assert train.fps == 30 and train.layout == LIBRARY_LAYOUT
    assert set(train.frames[:-4]) == {70} and set(train.frames[-4:]) == {40}
    # the same class, another performance
    drink = [split.positions(split.motions.index('drink_000'), 0) for split in (train, test)]
    hand = [bone(positions, 'right_wrist', 'right_shoulder') for positions in drink]
    assert np.abs(hand[0] - hand[1]).max() > 0.05


def test_a_motion_turns_the_bones_of_all_characters_alike(library):
    train = MotionLibrary(library, 'train')
    bones = character_offsets(sample_characters(np.arange(3)))
    for motion in (train.motions.index('run_000'), train.motions.index('walk_2')):
        everybody = [train.positions(motion, character) for character in range(3)]
        for child, parent in LIMBS:
            found = [bone(positions, child, parent) for positions in everybody]
            lengths = [np.linalg.norm(b, axis=-1, keepdims=True) for b in found]
            for length, offsets in zip(lengths, bones):
                expected = np.linalg.norm(offsets[BODY.index(child)])
                np.testing.assert_allclose(length, expected, rtol=1e-3)
            for b, length in zip(found, lengths):
                np.testing.assert_allclose(b / length, found[0] / lengths[0], atol=2e-3)


def test_part_of_a_motion(library):
    train = MotionLibrary(library, 'train')
    whole = train.positions(5, 1)
    assert whole.shape == (70, 17, 3) and whole.dtype == np.float32
    np.testing.assert_array_equal(train.positions(5, 1, 10, 30), whole[10:30])
    assert train.store.verify() == []


def test_equal_settings_give_equal_files(tmp_path):
    roots = []
    for name in ('a', 'b'):
        settings = LibrarySettings(
            2, 2, 1, 1, improvised=2, held_out=tuple(n for n in MOTIONS if n != 'nod'), frames=4
        )
        roots.append(write_library(tmp_path / name, settings.splits(), LIBRARY_LAYOUT, 30, settings.classes))
    for file in ('keypoint.npy', 'index.npy', 'splits/test.npy'):
        assert (roots[0] / file).read_bytes() == (roots[1] / file).read_bytes()


@pytest.mark.parametrize(('held_out', 'lifts'), [(('run',), True), (('walk', 'march'), False)])
def test_held_out_motions_of_the_legs_are_not_done_under_motions_of_the_arms(held_out, lifts):
    """With the default options, a tenth of the motions of arms are done while walking or marching."""
    arms = ('wave', 'clap', 'nod', 'drink', 'salute', 'stir')
    settings = LibrarySettings(1, 1, 14, 1, improvised=0, frames=40, held_out=(*held_out, 'jump'))
    ankles = LIBRARY_LAYOUT.indices(('left_ankle', 'right_ankle'))
    found = [
        np.ptp(clip.positions[0][:, ankles, 1], axis=0).max()
        for clip in settings.splits()['train'].motions
        if clip.label in arms
    ]
    assert len(found) == 14 * len(arms)
    assert (max(found) > 0.08) == lifts


def test_a_library_may_hold_out_all_procedural_motions():
    settings = LibrarySettings(1, 1, 1, 1, improvised=3, frames=4, held_out=tuple(MOTIONS))
    assert [clip.label for clip in settings.splits()['train'].motions] == ['improvised'] * 3


def motion(rng, frames=(6, 6), size=1.0, name='m', label='motion'):
    standing = np.zeros((17, 3))
    for side in ('left', 'right'):
        for height, joint in enumerate(('ankle', 'knee', 'hip')):
            standing[LIBRARY_LAYOUT.index(f'{side}_{joint}')] = (1, 0.4 * height, 0)
    noise = rng.normal(0, 0.001, (max(frames), 17, 3))
    return MotionClip(name, label, [size * (standing + noise[:n]) for n in frames])


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (dict(frames=(6, 5)), r"'train/m'.*2 characters, found \[6, 5\]"),
        (dict(frames=(6,)), r"'train/m'.*2 characters, found \[6\]"),
        (dict(size=100.0), r"'train/m/a': expected meters, .* found legs of (79|80)"),
        (dict(size=np.nan), r"'train/m/a': positions are not finite"),
        (dict(name='a/b'), 'slash'),
        (dict(label='dance'), "unknown class 'dance'"),
    ],
)
def test_what_a_library_refuses(change, message, rng, tmp_path):
    split = LibrarySplit(['a', 'b'], [motion(rng, **change)])
    with pytest.raises(BadClipError, match=message):
        write_library(tmp_path / 'library', {'train': split}, LIBRARY_LAYOUT, 30, ['motion'])
    assert not (tmp_path / 'library').exists()


def test_opening_what_is_no_library(library, rng, tmp_path):
    with pytest.raises(StoreError, match="no split 'val'"):
        MotionLibrary(library, 'val')
    with pytest.raises(StoreError, match='no skeleton store'):
        MotionLibrary(tmp_path / 'absent', 'train')
    with SkeletonStoreWriter(tmp_path / 'store', 'motion15', ['a']) as writer:
        writer.add('clip', rng.normal(size=(1, 4, 15, 2)))
        writer.add_split('train', ['clip'])
        writer.finish()
    with pytest.raises(StoreError, match=r'expected a motion library, found a store of 2D'):
        MotionLibrary(tmp_path / 'store', 'train')
    with pytest.raises(StoreError, match="'train' has no motion"):
        write_library(tmp_path / 'empty', {'train': LibrarySplit(['a'], [])}, LIBRARY_LAYOUT, 30, ['motion'])
    broken = {'motion_library': dict(characters=dict(train=['a', 'b']))}
    with SkeletonStoreWriter(
        tmp_path / 'odd', LIBRARY_LAYOUT, ['motion'], 3, with_score=False, attributes=broken
    ) as writer:
        for i in range(3):
            writer.add(f'train/m/{i}', rng.normal(size=(1, 4, 17, 3)), label=0)
        writer.add_split('train', [f'train/m/{i}' for i in range(3)])
        writer.finish()
    with pytest.raises(StoreError, match='every motion on each of 2 characters, found 3 clips'):
        MotionLibrary(tmp_path / 'odd', 'train')


def test_settings_that_make_no_sense():
    with pytest.raises(ValueError, match='one character'):
        LibrarySettings(characters=0)
    with pytest.raises(ValueError, match=r"unknown classes \['dance'\]"):
        LibrarySettings(held_out=('dance',))
    with pytest.raises(ValueError, match='performance'):
        LibrarySettings(performances=0)
