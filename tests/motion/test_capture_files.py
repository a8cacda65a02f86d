"""Captures in folders: found whatever the suffix's case, and each has a name of its own."""

from __future__ import annotations

import itertools
import shutil

import numpy as np
import pytest

from mmactrep.motion.body import REST_OFFSETS
from mmactrep.motion.bvh import read_bvh
from mmactrep.motion.capture_files import find_captures, name_captures, told
from mmactrep.motion.characters import character_offsets, sample_characters
from mmactrep.motion.errors import BvhError, MotionError
from mmactrep.motion.library import MotionLibrary
from mmactrep.motion.sources import LibrarySettings, capture_motion
from tests.helpers.humanoid_bvh import humanoid_bvh
from tests.tools.test_motion_library_commands import SMALL, make


def touch(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('')
    return folder


def test_files_that_are_passed_over_are_counted(tmp_path):
    touch(tmp_path, 'b.BVH', 'a/c.bvh', 'a/._c.bvh', 'd.fbx', 'a/e.fbx', 'README', 'x.Bvh', 'y.bvh.zip')
    (tmp_path / 'folder.bvh').mkdir()
    captures, passed_over = find_captures(tmp_path)
    assert [str(path.relative_to(tmp_path)) for path in captures] == ['a/c.bvh', 'b.BVH', 'x.Bvh']
    assert passed_over == {'.fbx': 2, 'hidden': 1, 'without suffix': 1, '.zip': 1}
    assert told(passed_over) == '; passed over 2 .fbx, 1 .zip, 1 hidden, 1 without suffix'
    assert told(passed_over - passed_over) == ''


@pytest.mark.parametrize(
    ('files', 'names'),
    [
        (['a.bvh', 'b.bvh'], ['a', 'b']),
        (['/x/y/a.bvh', '/x/z/b.bvh'], ['a', 'b']),
        (['walk/take.bvh', 'run/take.bvh', 'run/other.bvh'], ['other', 'run__take', 'walk__take']),
        (['s1/walk/take.bvh', 's2/walk/take.bvh'], ['s1__walk__take', 's2__walk__take']),
        (['take.bvh', 'walk/take.bvh'], ['take', 'walk__take']),
        (['a.bvh', 'a.BVH'], ['a_2', 'a_3']),
        (['a.bvh', 'a_2.bvh', 'x/a.BVH'], ['a', 'a_2', 'x__a']),
        (['r/t.bvh', 'w/t.bvh', 'r__t.bvh'], ['r__t', 't_2', 'w__t']),
        (['nod_000.bvh', 'x/nod_001.bvh'], ['nod_000_2', 'x__nod_001']),
        (['caf\udce9.bvh', 'a\nb.bvh'], ['a_b', 'caf_']),
    ],
)
def test_every_capture_has_a_name_of_its_own(files, names):
    for order in itertools.permutations(files):
        found = name_captures(order, ['nod_000', 'nod_001'])
        assert sorted(found.values()) == names and sorted(found) == sorted(files)


def test_no_capture_has_the_name_of_a_procedural_motion():
    settings = LibrarySettings(performances=2, improvised=3, captures=('walk_001.bvh', 'improvised_002.bvh'))
    assert settings.capture_names == {'walk_001.bvh': 'walk_001_2', 'improvised_002.bvh': 'improvised_002_2'}


def captures_of(root):
    """Split and name of the captures of a library, to their positions on the first character."""
    found = {}
    for split in ('train', 'test'):
        library = MotionLibrary(root, split)
        for i, name in enumerate(library.motions):
            if library.classes[library.labels[i]] == 'capture':
                found[split, name] = library.positions(i, 0)
    return found


def test_two_captures_of_one_name_are_both_kept(tmp_path, capsys):
    for seed, folder in enumerate(('walk', 'run')):
        (tmp_path / 'bvh' / folder).mkdir(parents=True)
        (tmp_path / 'bvh' / folder / 'take001.bvh').write_text(humanoid_bvh(frames=20, seed=seed))
    touch(tmp_path / 'bvh', 'notes.txt')
    assert make('--bvh', tmp_path / 'bvh', '--out', tmp_path / 'library', *SMALL, '--performances', 1) == 0
    assert 'bvh: 2 captures; passed over 1 .txt' in capsys.readouterr().out
    found = captures_of(tmp_path / 'library')
    assert set(found) == {('train', 'walk__take001'), ('train', 'run__take001')}
    bones = character_offsets(sample_characters(np.arange(1)))
    for (_, name), positions in found.items():
        path = tmp_path / 'bvh' / name.replace('__', '/')
        expected = capture_motion(path.with_suffix('.bvh'), bones, 30).positions[0]
        np.testing.assert_allclose(positions, expected, atol=1e-6)


def test_a_bad_capture_stops_the_library_or_is_listed(tmp_path, capsys):
    (tmp_path / 'bvh').mkdir()
    for seed in range(3):
        (tmp_path / 'bvh' / f'take{seed}.bvh').write_text(humanoid_bvh(frames=20, seed=seed))
    (tmp_path / 'bvh' / 'take1.bvh').write_text(humanoid_bvh(frames=20)[:-300])
    (tmp_path / 'bvh' / 'unknown.bvh').write_text(humanoid_bvh(frames=20).replace('Leg', 'Limb'))
    arguments = ['--bvh', tmp_path / 'bvh', '--out', tmp_path / 'library', *SMALL, '--performances', 1]
    assert make(*arguments) == 1
    assert 'take1.bvh' in capsys.readouterr().err
    assert make(*arguments, '--skip-bad') == 0
    assert 'skipped 2 bad motions' in capsys.readouterr().out
    assert set(captures_of(tmp_path / 'library')) == {('train', 'take0'), ('train', 'take2')}
    listed = (tmp_path / 'library.skipped.txt').read_text().splitlines()
    assert [line.split('\t')[0] for line in listed] == ['train/take1', 'train/unknown']
    assert 'is the file truncated?' in listed[0] and 'no joint is known as left_hip' in listed[1]


# The cases that once went wrong, and the right answer.


@pytest.fixture
def cases(shared_data):
    folder = shared_data.parent / 'cases' / 'bvh'
    if not folder.is_dir():
        pytest.skip('the cases are not here')
    return folder


def test_the_shared_cases_are_read(cases):
    expected = capture_motion(cases / 'upper' / 'b.bvh', REST_OFFSETS[None], 20).positions[0]
    assert [path.name for path in find_captures(cases / 'upper')[0]] == ['A.BVH', 'b.bvh']
    np.testing.assert_array_equal(
        capture_motion(cases / 'upper' / 'A.BVH', REST_OFFSETS[None], 20).positions[0], expected
    )
    for name in ('spaces', 'emotion', 'lower_case'):
        found = capture_motion(cases / name / f'{name}.bvh', REST_OFFSETS[None], 20)
        np.testing.assert_array_equal(found.positions[0], expected)
    assert read_bvh(cases / 'emotion' / 'emotion.bvh').names[0] == 'EMOTION_Hips'
    assert {'Left Leg', 'Right Leg'} < set(read_bvh(cases / 'spaces' / 'spaces.bvh').names)
    with pytest.warns(UserWarning, match=r"two_roots\.bvh: has 2 roots; 'Hips' is read, 'Prop' skipped"):
        found = capture_motion(cases / 'two_roots' / 'two_roots.bvh', REST_OFFSETS[None], 20)
    np.testing.assert_array_equal(found.positions[0], expected)
    with pytest.raises(
        BvhError, match=r'frame time from .* to 1 s, found 30; is it the number of frames per'
    ):
        read_bvh(cases / 'frametime_fps' / 'frametime_fps.bvh')


def test_the_shared_captures_of_one_name_are_both_kept(cases, tmp_path):
    shutil.copytree(cases / 'same_name', tmp_path / 'bvh')
    assert make('--bvh', tmp_path / 'bvh', '--out', tmp_path / 'library', *SMALL, '--performances', 1) == 0
    assert set(captures_of(tmp_path / 'library')) == {('train', 'run__take001'), ('train', 'walk__take001')}


def test_a_folder_without_captures(tmp_path):
    touch(tmp_path, 'a.fbx')
    with pytest.raises(
        MotionError, match=r'expected BVH captures \(\*\.bvh\), found none; passed over 1 \.fbx'
    ):
        find_captures(tmp_path)
    with pytest.raises(MotionError, match='found no folder'):
        find_captures(tmp_path / 'a.fbx')
