"""Labelled actions of the motion library: labels, who is in which split, and rotations of the same motion."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.motion.actions import (
    action_classes,
    content_of,
    random_rotation,
    read_actions,
    write_actions,
)
from mmactrep.motion.errors import MotionError
from mmactrep.motion.library import BadMotion
from mmactrep.motion.library_layout import LIBRARY_LAYOUT
from mmactrep.motion.sources import LibrarySettings
from mmactrep.store.reader import SkeletonStore
from tests.helpers.humanoid_bvh import humanoid_bvh


def test_contents_of_captures_are_read_from_their_names():
    assert content_of('dataset-2_wave-left-hand_not-confident_003') == 'wave_left_hand'
    assert content_of('data__dataset-1_walk_normal_001') == 'walk'
    for name in ('angry_13_000', 'example', 'dataset-1_walk_normal', 'walk_000'):
        assert content_of(name) is None


@pytest.fixture(scope='module')
def settings(tmp_path_factory):
    folder = tmp_path_factory.mktemp('bvh')
    names = [f'dataset-1_dash_{style}_001' for style in 'abcdefghij']
    names += ['dataset-1_walk_a_001', 'dataset-1_kick_a_001', 'dataset-2_rare-one_a_001', 'angry_01_000']
    names += [f'dataset-1_walk_{style}_002' for style in 'abcdefghij']
    for i, name in enumerate(names):
        (folder / f'{name}.bvh').write_text(humanoid_bvh(frames=20, seed=i))
    return LibrarySettings(
        3, 2, 2, 1, 0, held_out=(), frames=16, captures=tuple(map(str, sorted(folder.glob('*.bvh'))))
    )


def test_classes_are_procedural_motions_and_frequent_contents(settings):
    classes = action_classes(settings)
    assert len(classes) == len(set(classes)) == 46 and classes[-1] == 'dash'
    assert not {'capture', 'improvised', 'stand', 'rare_one'} & set(classes)


def test_the_store_has_every_class_in_every_split_and_nobody_twice(settings, tmp_path):
    store = SkeletonStore(write_actions(tmp_path / 'store', settings))
    assert store.layout == LIBRARY_LAYOUT and store.num_channels == 3 and store.verify() == []
    clips = {name: [store.ids[row] for row in store.split(name)] for name in store.split_names}
    motions = {name: {clip.rpartition('/')[0] for clip in ids} for name, ids in clips.items()}
    # 2 and 1 performances of 45 motions, and 22 captures, of which every fifth is in the test
    named = [clip for clip in motions['xview_train'] | motions['xview_test'] if 'dataset' in clip]
    assert len(named) == 22 and not any('rare' in clip or 'angry' in clip for clip in named)
    assert len(clips['xview_train']) == 2 * 45 + 22 - len([n for n in named if n.startswith('test')])
    assert not motions['xview_train'] & motions['xview_test']
    assert {clip.split('/')[0] for clip in clips['xview_test']} == {'test'}
    captured = [
        {m.split('/')[1] for m in motions[f'xview_{side}'] if 'dataset' in m} for side in ('train', 'test')
    ]
    assert captured[0] and captured[1] and not captured[0] & captured[1]
    assert motions['rotations_train'] == motions['rotations_test']
    assert motions['rotations_train'] == motions['xview_train'] | motions['xview_test']
    assert not set(clips['rotations_train']) & set(clips['rotations_test'])
    for name in store.split_names:
        assert set(store.labels[store.split(name)]) == set(range(46)), name
    for clip in clips['xview_test']:
        name = clip.split('/')[1]
        expected = content_of(name) or name.rpartition('_')[0]
        assert store.classes[store[store.find(clip)]['label']] == expected


def test_rotations_turn_one_motion_rigidly_and_mirror_nothing(settings, tmp_path):
    store = SkeletonStore(write_actions(tmp_path / 'store', settings))
    turns = []
    for motion in ('train/walk_000', 'test/clap_000'):
        plain, *turned = (
            store[store.find(f'{motion}/{kind}')]['keypoint'][0].reshape(-1, 3).astype(np.float64)
            for kind in ('xview', 'rotation_1', 'rotation_2')
        )
        for points in turned:
            # the rotation that fits best (Kabsch), allowed to be a mirror image
            a, b = plain - plain.mean(0), points - points.mean(0)
            u, _, v = np.linalg.svd(a.T @ b)
            turn = (u @ v).T
            np.testing.assert_allclose(a @ turn.T, b, atol=1e-4)
            assert np.linalg.det(turn) == pytest.approx(1)
            turns.append(turn)
    for i, one in enumerate(turns):
        assert one[1, 1] > 0.4, 'up stays up'
        assert all(np.abs(one - other).max() > 0.05 for other in turns[:i])


def test_random_rotations_have_any_heading_and_keep_up_within_their_tilt():
    turns = np.stack([random_rotation(np.random.default_rng(i)) for i in range(300)])
    np.testing.assert_allclose(
        turns @ turns.transpose(0, 2, 1), np.broadcast_to(np.eye(3), turns.shape), atol=1e-9
    )
    np.testing.assert_allclose(np.linalg.det(turns), 1)
    assert turns[:, 1, 1].min() > np.cos(np.pi / 4) ** 2 - 1e-9
    front = turns[:, :, 2]  # where a body that faced +z looks
    assert {(x > 0, z > 0) for x, z in front[:, [0, 2]]} == {
        (a, b) for a in (True, False) for b in (True, False)
    }


def test_bad_captures_are_an_error_or_listed(settings, tmp_path):
    bad = tmp_path / 'dataset-1_walk_a_009.bvh'
    bad.write_text('HIERARCHY nonsense')
    settings = LibrarySettings(
        1, 1, 1, 1, 0, held_out=(), frames=16, captures=(*settings.captures[:2], str(bad))
    )
    assert any(isinstance(action, BadMotion) for action in read_actions(settings))
    with pytest.raises(MotionError, match='walk_a_009'):
        write_actions(tmp_path / 'store', settings)
    skipped = {}
    store = SkeletonStore(write_actions(tmp_path / 'other', settings, skipped=skipped))
    assert list(skipped) == ['dataset-1_walk_a_009'] and len(store.split('xview_test')) == 45
