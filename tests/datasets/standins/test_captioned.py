"""Procedural clips with sentences."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mmactrep.datasets.standins.captioned import CaptionedSettings, single_actions, write_captioned
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


def test_equal_settings_give_equal_clips(made, tmp_path):
    root, captions = made
    again = write_captioned(tmp_path / '2d', SETTINGS)
    assert json.loads(again.read_text(encoding='utf-8')) == captions
    assert (tmp_path / '2d' / 'keypoint.npy').read_bytes() == (root / 'keypoint.npy').read_bytes()


def test_a_finished_store_is_not_replaced(made):
    with pytest.raises(FileExistsError):
        write_captioned(made[0], SETTINGS)
