"""NTU RGB+D and UAV-Human: text skeletons."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.datasets.converters.kinect_text import read_tracks
from mmactrep.datasets.converters.ntu import ntu, read_missing_list
from mmactrep.datasets.converters.persons import to_array
from mmactrep.datasets.converters.runner import run_conversion
from mmactrep.datasets.converters.uav_human import uav_human
from mmactrep.store.format import BadClipError
from mmactrep.store.reader import SkeletonStore


def read_bodies(path, joints):
    """All bodies as an array, one slot per id."""
    tracks, frames = read_tracks(path, joints)
    return to_array(tracks, frames)


def skeleton_text(frames, joints=25):
    """The format as the data set's authors' own tools write it.

    ``frames``: for every frame a list of (body id, positions [V, 3]).
    """
    lines = [str(len(frames))]
    for bodies in frames:
        lines.append(str(len(bodies)))
        for body, positions in bodies:
            lines.append(f'{body} 0 1 1 1 1 0 0.01 -0.2 2')
            lines.append(str(joints))
            for x, y, z in positions:
                lines.append(
                    f'{x:.7f} {y:.7f} {z:.7f} 277.2 191.7 {960 + 100 * x:.3f} {540 - 100 * y:.3f} '
                    '0.1 0.2 0.3 0.4 2'
                )
    return '\r\n'.join(lines) + '\r\n'


def bodies(seed, frames, step=0.0, joints=25):
    rng = np.random.default_rng(seed)
    body = rng.uniform(0.5, 1, (joints, 3)) * [0.5, 1.7, 1]
    return body + step * np.arange(frames)[:, None, None]


def write_ntu(path, step=0.01, frames=15, body=72057594037931101, seed=0):
    positions = bodies(seed, frames, step)
    path.write_text(skeleton_text([[(body, p)] for p in positions]))
    return positions


def test_positions_and_tracks(tmp_path):
    first, second = bodies(0, 15, 0.01), bodies(1, 15, 0.05)
    # the second body comes first in later frames, and is away in one
    frames = [
        [('11', a), ('22', b)] if t < 7 else [('22', b), ('11', a)]
        for t, (a, b) in enumerate(zip(first, second))
    ]
    frames[3] = frames[3][:1]
    path = tmp_path / 'S001C001P001R001A050.skeleton'
    path.write_text(skeleton_text(frames))
    keypoint = read_bodies(path, 25)
    assert keypoint.shape == (2, 15, 25, 3)
    np.testing.assert_allclose(keypoint[0], first, atol=1e-6)
    there = np.arange(15) != 3
    np.testing.assert_allclose(keypoint[1, there], second[there], atol=1e-6)
    assert not keypoint[1, 3].any()


def test_repeated_ids_fall_back_to_the_position(tmp_path):
    first, second = bodies(0, 3), bodies(1, 3)
    path = tmp_path / 'a.skeleton'
    path.write_text(skeleton_text([[('0', a), ('0', b)] for a, b in zip(first, second)]))
    np.testing.assert_allclose(read_bodies(path, 25), np.stack([first, second]), atol=1e-6)


def test_store_60(tmp_path):
    src = tmp_path / 'src'
    src.mkdir()
    names = ['S001C001P001R001A001', 'S001C002P003R001A060', 'S001C003P003R002A013', 'S018C001P008R001A061']
    positions = {name: write_ntu(src / f'{name}.skeleton', seed=i) for i, name in enumerate(names)}
    missing = tmp_path / 'missing.txt'
    missing.write_text(
        'The missing skeletons of NTU RGB+D 60:\n\nS001C003P003R002A013\nS001C002P005R002A008\n'
    )
    conversion = ntu(src, 60, [missing])
    assert len(conversion.notes) == 2  # one missing, one of a later class
    run_conversion(conversion, tmp_path / 'store', progress=False)
    store = SkeletonStore(tmp_path / 'store')
    assert list(store.ids) == names[:2]
    assert store.labels.tolist() == [0, 59]
    assert (store.layout.name, store.num_channels, len(store.classes)) == ('ntu25', 3, 60)
    np.testing.assert_allclose(store[1]['keypoint'][0], positions[names[1]], atol=1e-6)
    assert (store[1]['keypoint_score'] == 1).all()
    assert {name: store.split(name).tolist() for name in store.split_names} == dict(
        xsub_train=[0], xsub_val=[1], xview_train=[1], xview_val=[0]
    )


def test_store_120_from_two_folders(tmp_path):
    folders = [tmp_path / 'first', tmp_path / 'second']
    for folder in folders:
        folder.mkdir()
    write_ntu(folders[0] / 'S002C001P001R001A001.skeleton')
    write_ntu(folders[1] / 'S019C001P048R001A120.skeleton')
    run_conversion(ntu(folders, 120), tmp_path / 'store', progress=False)
    store = SkeletonStore(tmp_path / 'store')
    assert store.labels.tolist() == [0, 119]
    assert {name: store.split(name).tolist() for name in store.split_names} == dict(
        xsub_train=[0], xsub_val=[1], xset_train=[0], xset_val=[1]
    )


def test_two_most_active_of_three_bodies_without_noise(tmp_path):
    calm, busy, busiest, brief = (
        bodies(0, 15, 0.001),
        bodies(1, 15, 0.1),
        bodies(2, 15, 0.3),
        bodies(3, 15, 1.0),
    )
    frames = [[('1', calm[t]), ('2', busy[t]), ('3', busiest[t])] for t in range(15)]
    for t in range(5):
        frames[t].append(('4', brief[t]))
    (tmp_path / 'S001C001P001R001A001.skeleton').write_text(skeleton_text(frames))
    conversion = ntu(tmp_path, 60)
    clip = conversion.read(conversion.jobs[0].source)
    np.testing.assert_allclose(clip.keypoint, np.stack([busiest, busy]), atol=1e-6)


def test_a_body_whose_id_changes_is_one_person(tmp_path):
    positions, other = bodies(0, 60, 0.02), bodies(1, 60, 0.01) + [2, 0, 0]
    frames = [[(str(t // 15), p), ('other', o)] for t, (p, o) in enumerate(zip(positions, other))]
    (tmp_path / 'S001C001P001R001A001.skeleton').write_text(skeleton_text(frames))
    conversion = ntu(tmp_path)
    clip = conversion.read(conversion.jobs[0].source)
    np.testing.assert_allclose(clip.keypoint, np.stack([positions, other]), atol=1e-6)


def test_the_case_of_changing_ids(shared_data):
    """One person in all 60 frames, as beside it in the file whose id stays."""
    clips = {}
    for name in ('plain', 'id_changes4'):
        conversion = ntu(shared_data.parent / 'cases' / 'ntu' / name)
        clips[name] = conversion.read(conversion.jobs[0].source).keypoint
    assert clips['id_changes4'].shape == (1, 60, 25, 3)
    assert clips['id_changes4'].any((2, 3)).all()
    # the same motion, measured with other noise
    assert np.abs(clips['id_changes4'] - clips['plain']).mean() < 0.03


def test_noise_is_kept_on_demand(tmp_path):
    """UNIK's release keeps bodies that are seen for a moment; here it is a choice."""
    person, brief = bodies(0, 15, 0.01), bodies(1, 15, 1.0)
    frames = [[('1', p), *([('2', b)] if t < 5 else [])] for t, (p, b) in enumerate(zip(person, brief))]
    (tmp_path / 'S001C001P001R001A001.skeleton').write_text(skeleton_text(frames))
    for keep, persons in ((False, 1), (True, 2)):
        conversion = ntu(tmp_path, keep_noise=keep)
        assert len(conversion.read(conversion.jobs[0].source).keypoint) == persons


def test_2d_reads_the_color_pixel_and_drops_what_is_outside(tmp_path):
    path = tmp_path / 'S001C001P001R001A001.skeleton'
    positions = write_ntu(path)
    lines = path.read_text().splitlines()
    values = lines[4].split()
    values[5] = 'NaN'
    lines[4] = ' '.join(values)
    path.write_text('\n'.join(lines) + '\n')
    conversion = ntu(tmp_path, 60, dims=2)
    clip = conversion.read(conversion.jobs[0].source)
    expected = np.stack([960 + 100 * positions[..., 0], 540 - 100 * positions[..., 1]], -1)
    np.testing.assert_allclose(clip.keypoint[0, 1:], expected[1:], atol=1e-2)
    assert clip.score[0, 0, 0] == 0 and not clip.keypoint[0, 0, 0].any()
    assert clip.score.sum() == 15 * 25 - 1
    assert clip.img_shape == (1080, 1920)


@pytest.mark.parametrize('keep', [0, 1, 2, 3, 4, 20, 29, 200])
def test_truncated_file_names_file_and_line(tmp_path, keep):
    path = tmp_path / 'S001C001P001R001A001.skeleton'
    write_ntu(path)
    lines = path.read_text().splitlines()
    path.write_text('\n'.join(lines[:keep]) + '\n' * bool(keep))
    with pytest.raises(BadClipError, match=rf'A001.skeleton: truncated after line {keep},'):
        read_bodies(path, 25)


@pytest.mark.parametrize(
    ('line', 'text', 'expected'),
    [
        (1, 'PK\x03\x04', 'line 1: expected the number of frames'),
        (2, '1.5', 'line 2: expected the number of bodies'),
        (4, '20', "line 4: expected 25 joints, found '20'"),
        (10, '0.1 0.2 0.3', "line 10: expected 12 values of a joint, found '0.1 0.2 0.3'"),
        (11, 'a ' * 12, 'line 11: expected numbers'),
        (1, '3', 'line 86: expected the end of the file'),
    ],
)
def test_foreign_lines_are_named(tmp_path, line, text, expected):
    path = tmp_path / 'S001C001P001R001A001.skeleton'
    write_ntu(path)
    lines = path.read_text().splitlines()
    lines[line - 1] = text
    path.write_text('\n'.join(lines) + '\n')
    with pytest.raises(BadClipError) as error:
        read_bodies(path, 25)
    assert 'A001.skeleton' in str(error.value) and expected in str(error.value)


def test_empty_binary_and_bodiless_files(tmp_path):
    path = tmp_path / 'a.skeleton'
    path.write_bytes(b'\x80\x81\x82')
    with pytest.raises(BadClipError, match=r'a.skeleton: not a skeleton text file'):
        read_bodies(path, 25)
    path.write_text(skeleton_text([[], [], []]))
    with pytest.raises(BadClipError, match='no body in any of the 3 frames'):
        read_bodies(path, 25)


def test_nan_in_3d_is_a_bad_clip(tmp_path):
    path = tmp_path / 'S001C001P001R001A001.skeleton'
    positions = bodies(0, 15)
    positions[4, 3, 1] = np.nan
    path.write_text(skeleton_text([[('1', p)] for p in positions]))
    with pytest.raises(BadClipError, match=r'S001C001P001R001A001.*finite'):
        run_conversion(ntu(tmp_path, 60), tmp_path / 'store', progress=False)


def test_foreign_lists_and_names(tmp_path):
    (tmp_path / 'missing.txt').write_text('nothing here')
    with pytest.raises(ValueError, match=r'missing.txt'):
        read_missing_list(tmp_path / 'missing.txt')
    with pytest.raises(FileNotFoundError, match=r'no .skeleton files'):
        ntu(tmp_path)
    (tmp_path / 'other.skeleton').write_text('0')
    with pytest.raises(BadClipError, match=r"'other.skeleton' is not a name like"):
        run_conversion(ntu(tmp_path), tmp_path / 'store', progress=False)
    write_ntu(tmp_path / 'S001C001P001R001A001.skeleton')
    report = run_conversion(ntu(tmp_path), tmp_path / 'store', skip_bad=True, progress=False)
    assert (report.written, list(report.bad)) == (1, ['other.skeleton'])


def test_uav_human(tmp_path):
    src = tmp_path / 'src'
    src.mkdir()
    names = [
        'P000S00G10B10H10UC022000LC021000A000R0_08241716',
        'P003S01G11B00H10UC022000LC021000A154R1_08241717',
    ]
    positions = {}
    for i, name in enumerate(names):
        positions[name] = 100 * bodies(i, 4, 0.01, joints=17)
        frames = [[('1', p)] for p in positions[name]]
        (src / f'{name}.txt').write_text(skeleton_text(frames, joints=17))
    run_conversion(uav_human(src, layout='coco17'), tmp_path / 'store', progress=False)
    store = SkeletonStore(tmp_path / 'store')
    assert list(store.ids) == names
    assert store.labels.tolist() == [0, 154]
    assert (store.layout.name, store.num_channels, len(store.classes)) == ('coco17', 2, 155)
    np.testing.assert_allclose(store[1]['keypoint'][0], positions[names[1]][..., :2], rtol=1e-5)
    assert {name: store.split(name).tolist() for name in store.split_names} == dict(
        csv1_train=[0], csv1_test=[1], csv2_train=[0, 1], csv2_test=[]
    )
    conversion = uav_human(src, dims=3, layout='coco17')
    clip = conversion.read(conversion.jobs[0].source)
    np.testing.assert_allclose(clip.keypoint[0], positions[names[0]], rtol=1e-5)
    # UNIK's 17 joints are the default, for transfer
    conversion = uav_human(src)
    clip = conversion.read(conversion.jobs[0].source)
    np.testing.assert_allclose(clip.keypoint[0, :, 5], positions[names[0]][:, 5, :2], rtol=1e-5)
