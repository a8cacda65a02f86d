"""Procedural clips with sentences."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from mmactrep.datasets.standins.captioned import (
    CaptionedSettings,
    sequences,
    single_actions,
    write_captioned,
)
from mmactrep.store.reader import SkeletonStore
from mmactrep.structures import get_layout

SETTINGS = CaptionedSettings(
    train=90, test=10, train_sequences=3, test_sequences=2, frames=32, sequence_frames=120
)


@pytest.fixture(scope='module')
def made(tmp_path_factory):
    root = tmp_path_factory.mktemp('captioned') / '2d'
    captions = write_captioned(root, SETTINGS)
    return root, json.loads(captions.read_text(encoding='utf-8'))


def test_every_clip_has_its_sentences(made):
    root, captions = made
    store = SkeletonStore(root)
    assert set(captions) == set(store.ids)
    assert all(len(sentences) == 3 and all(sentences) for sentences in captions.values())
    assert {name: len(store.split(name)) for name in store.split_names} == dict(
        train=93, test=12, train_actions=90, test_actions=10
    )
    for row, name in enumerate(store.ids):
        assert (store.labels[row] < 0) == ('/sequence_' in name)


def test_who_walks_in_the_image_is_said_to_go_there():
    clips = single_actions(CaptionedSettings(train=2000), 'train', 0, 900)
    hips = [get_layout('posetics17').index(f'{side}_hip') for side in ('left', 'right')]
    told = {'to the left': [], 'to the right': []}
    for clip in clips:
        if clip.motion not in ('walk', 'run'):
            continue
        seen = np.flatnonzero((clip.score[:, hips] > 0).all(axis=1))
        moved = np.diff(clip.keypoint[seen[[0, -1]]][:, hips, 0].mean(axis=1))[0]
        for words, shifts in told.items():
            if words in clip.sentences[0]:
                shifts.append(moved)
    # cameras follow some of them, which leaves their place in the image as it is
    assert len(told['to the left']) >= 3 and len(told['to the right']) >= 3
    assert np.median(told['to the left']) < 0 < np.median(told['to the right'])


def moves_more(clip, limb: str) -> str:
    """The side whose wrist or ankle moves more against the hips, where both are seen."""
    layout = get_layout('posetics17')
    joints = layout.indices((f'left_{limb}', f'right_{limb}', 'left_hip', 'right_hip'))
    seen = (clip.score[:, joints] > 0).all(axis=1)
    points = clip.keypoint[seen][:, joints]
    local = points[:, :2] - points[:, 2:].mean(axis=1, keepdims=True)
    left, right = np.linalg.norm(np.diff(local, axis=0), axis=-1).sum(axis=0)
    return 'left' if left > right else 'right'


def test_the_side_that_is_told_moves_more():
    settings = CaptionedSettings(frames=64, sequence_frames=160)
    # motions in which the other limb hardly moves
    clear = ('eat', 'brush_teeth', 'comb_hair', 'wave', 'point', 'salute', 'kick', 'throw', 'reach_up')
    right = []
    for clip in single_actions(settings, 'train', 0, 450):
        told = re.findall(r'with the (left|right) (hand|leg)', clip.sentences[0])
        if told and clip.motion in clear:
            ((side, limb),) = told
            right.append(side == moves_more(clip, dict(hand='wrist', leg='ankle')[limb]))
    # some performers are seen for a part of the motion only, and estimators swap sides now and then
    assert len(right) > 60 and np.mean(right) > 0.85
    right = []
    for clip in sequences(settings, 'train', 60):
        told = {side for side, _ in re.findall(r'with the (left|right) (hand)', clip.sentences[0])}
        if told:
            right.append(told == {moves_more(clip, 'wrist')})
    assert len(right) > 12 and np.mean(right) > 0.7


def test_both_hands_are_told_of_single_actions_and_of_sequences():
    settings = CaptionedSettings(sequence_frames=160)
    clips = [*single_actions(settings, 'train', 0, 900), *sequences(settings, 'train', 60)]
    words = re.compile(r'(cup|sip|up|shelf)( slowly| quickly)? with both hands')
    assert {clip.motion for clip in clips if words.search(clip.sentences[0])} == {'drink', 'reach_up', None}


def test_equal_settings_give_equal_clips(made, tmp_path):
    root, captions = made
    again = write_captioned(tmp_path / '2d', SETTINGS)
    assert json.loads(again.read_text(encoding='utf-8')) == captions
    assert (tmp_path / '2d' / 'keypoint.npy').read_bytes() == (root / 'keypoint.npy').read_bytes()


def test_a_finished_store_is_not_replaced(made):
    with pytest.raises(FileExistsError):
        write_captioned(made[0], SETTINGS)
