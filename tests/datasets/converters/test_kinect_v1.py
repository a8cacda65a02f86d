"""UTD-MHAD, UTKinect, KARD and Northwestern-UCLA: small files by hand, and the real ones where they are."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from scipy.io import loadmat, savemat

from mmactrep.datasets.converters.kard import kard
from mmactrep.datasets.converters.nw_ucla import in_order_of_time, nw_ucla
from mmactrep.datasets.converters.runner import run_conversion
from mmactrep.datasets.converters.utd_mhad import utd_mhad
from mmactrep.datasets.converters.utkinect import utkinect
from mmactrep.store.reader import SkeletonStore

# Kinect v1's own order, written out
KINECT = [
    'mid_hip',
    'spine',
    'neck',
    'head',
    'left_shoulder',
    'left_elbow',
    'left_wrist',
    'left_hand',
    'right_shoulder',
    'right_elbow',
    'right_wrist',
    'right_hand',
    'left_hip',
    'left_knee',
    'left_ankle',
    'left_foot',
    'right_hip',
    'right_knee',
    'right_ankle',
    'right_foot',
]
UTD = ['head', 'neck', 'spine', 'mid_hip', *KINECT[4:]]


def store_of(conversion, tmp_path):
    run_conversion(conversion, tmp_path / 'store', progress=False)
    store = SkeletonStore(tmp_path / 'store')
    assert store.verify() == []
    return store


def splits_of(store):
    return {name: [store.ids[row] for row in store.split(name)] for name in store.split_names}


def at(store, clip, joint):
    return store[store.find(clip)]['keypoint'][0, :, store.layout.index(joint)]


def test_utd_mhad(tmp_path, rng):
    src = tmp_path / 'src'
    src.mkdir()
    skeletons = {name: rng.uniform(-1, 3, (20, 3, 7)) for name in ('a1_s1_t1', 'a27_s8_t4')}
    for name, skeleton in skeletons.items():
        savemat(src / f'{name}_skeleton.mat', dict(d_skel=skeleton))
    store = store_of(utd_mhad(src), tmp_path)
    assert list(store.ids) == list(skeletons) and store.labels.tolist() == [0, 26]
    assert (store.classes[0], store.classes[26], store.num_channels) == ('swipe left', 'squat', 3)
    assert store.layout.joints == tuple(KINECT)
    for joint in ('head', 'neck', 'spine', 'mid_hip', 'left_shoulder', 'right_foot'):
        expected = skeletons['a27_s8_t4'][UTD.index(joint)].T
        np.testing.assert_allclose(at(store, 'a27_s8_t4', joint), expected, rtol=1e-6)
    assert splits_of(store) == dict(xsub_train=['a1_s1_t1'], xsub_test=['a27_s8_t4'])


def test_utkinect(tmp_path, rng):
    src = tmp_path / 'src'
    src.mkdir()
    poses = {name: rng.uniform(-1, 3, (4, 20, 3)).round(4) for name in ('a01_s05_e01', 'a10_s06_e02')}
    for name, pose in poses.items():
        (src / f'{name}.txt').write_text('\n'.join(' '.join(map(str, row)) for row in pose.reshape(-1, 3)))
    store = store_of(utkinect(src), tmp_path)
    assert list(store.ids) == list(poses) and store.labels.tolist() == [0, 9]
    assert (store.classes[0], store.classes[9]) == ('walk', 'clap hands')
    for joint in ('mid_hip', 'head', 'left_hand'):
        expected = poses['a10_s06_e02'][:, KINECT.index(joint)]
        np.testing.assert_allclose(at(store, 'a10_s06_e02', joint), expected, rtol=1e-6)
    assert splits_of(store) == dict(xsub_train=['a01_s05_e01'], xsub_test=['a10_s06_e02'])


def write_packed(path, rng, joints, rows, *names):
    arrays = {name: rng.uniform(100, 2000, (10, joints, 3)).astype(np.float32) for name in names}
    np.savez(path, clip=np.array(rows, np.int32), **arrays)
    return arrays


def test_kard_in_metres_of_the_other_data_sets_frame_and_in_pixels(tmp_path, rng):
    path = tmp_path / 'kard.npz'
    arrays = write_packed(path, rng, 15, [[1, 1, 1, 0, 6], [18, 10, 3, 6, 4]], 'world', 'screen')
    store = store_of(kard(path), tmp_path)
    assert list(store.ids) == ['a01_s01_e01', 'a18_s10_e03'] and store.labels.tolist() == [0, 17]
    assert (store.classes[0], store.classes[17]) == ('horizontal arm wave', 'stand up')
    # millimeters, x to the right: meters, x to the left
    expected = arrays['world'][6:, 5] * [-0.001, 0.001, 0.001]
    np.testing.assert_allclose(at(store, 'a18_s10_e03', 'left_shoulder'), expected, rtol=1e-5)
    splits = splits_of(store)
    assert (splits['xsub_train'], splits['xsub_test']) == (['a01_s01_e01'], ['a18_s10_e03'])
    assert (splits['person10_test'], splits['person10_train']) == (['a18_s10_e03'], ['a01_s01_e01'])
    assert splits['person02_test'] == [] and len(splits['person02_train']) == 2
    run_conversion(kard(path, dims=2), tmp_path / 'flat', progress=False)
    flat = SkeletonStore(tmp_path / 'flat')
    assert (flat.num_channels, flat[0]['img_shape']) == (2, (480, 640))
    np.testing.assert_allclose(at(flat, 'a18_s10_e03', 'head'), arrays['screen'][6:, 0, :2], rtol=1e-6)


def test_nw_ucla(tmp_path, rng):
    path = tmp_path / 'ucla.npz'
    rows = [[1, 1, 0, 1, 0, 3], [8, 2, 5, 2, 3, 3], [12, 10, 0, 3, 6, 4]]
    arrays = write_packed(path, rng, 20, rows, 'world')
    store = store_of(nw_ucla(path), tmp_path)
    assert list(store.ids) == ['a01_s01_e00_v01', 'a08_s02_e05_v02', 'a12_s10_e00_v03']
    # numbers with gaps: 8 is the seventh action, 12 the tenth
    assert [store.classes[label] for label in store.labels] == ['pick up with one hand', 'donning', 'carry']
    expected = arrays['world'][3:6, KINECT.index('right_knee')]
    np.testing.assert_allclose(at(store, 'a08_s02_e05_v02', 'right_knee'), expected, rtol=1e-6)
    first_two, last = ['a01_s01_e00_v01', 'a08_s02_e05_v02'], ['a12_s10_e00_v03']
    splits = splits_of(store)
    for protocol in ('xview', 'xsub', 'person10'):
        assert (splits[f'{protocol}_train'], splits[f'{protocol}_test']) == (first_two, last)
    assert splits['xview_test_distinct'] == last and splits['person02_test'] == first_two[1:]


def test_nw_ucla_names_copies_of_training_clips(tmp_path, rng):
    """The second test clip has the frames of the training clip, the first other ones."""
    path = tmp_path / 'ucla.npz'
    rows = [[2, 1, 0, 2, 0, 4], [2, 1, 0, 3, 4, 4], [2, 1, 1, 3, 8, 4]]
    world = rng.uniform(-1, 3, (12, 20, 3)).astype(np.float32)
    world[8:] = world[:4]
    np.savez(path, clip=np.array(rows, np.int32), world=world)
    conversion = nw_ucla(path)
    assert '1 test clips are copies' in conversion.notes[0]
    splits = {job.clip_id: job.splits for job in conversion.jobs}
    xview = {clip: [name for name in names if 'xview' in name] for clip, names in splits.items()}
    assert xview['a02_s01_e00_v02'] == ['xview_train']
    assert xview['a02_s01_e00_v03'] == ['xview_test', 'xview_test_distinct']
    assert xview['a02_s01_e01_v03'] == ['xview_test']


def walk(frames):
    """A rigid body that walks 5 cm per frame, (T, 20, 3)."""
    body = np.random.default_rng(0).uniform(-0.5, 0.5, (20, 3))
    return body + np.linspace(0, 0.05 * (frames - 1), frames)[:, None, None] * [1, 0, 0]


@pytest.mark.parametrize('first', [85, 99, 75, 985, 100, 60])
def test_frames_sorted_by_the_text_of_their_numbers_come_back_in_order(first):
    keypoint = walk(26)
    numbers = sorted(range(first, first + 26), key=str)
    assert (numbers == list(range(first, first + 26))) == (first in (100, 60))
    np.testing.assert_array_equal(in_order_of_time(keypoint[[n - first for n in numbers]]), keypoint)


def test_clips_in_order_stay_as_they_are(rng):
    for keypoint in (walk(30), walk(3), walk(1), np.zeros((30, 20, 3))):
        np.testing.assert_array_equal(in_order_of_time(keypoint), keypoint)
    # somebody else is tracked from the middle on: one leap, but the ends are far from each other
    other = walk(30)
    other[15:] += [2, 0, 0]
    np.testing.assert_array_equal(in_order_of_time(other), other)


def forward(keypoint, layout):
    """Where somebody looks, by the knees of one who sits or the feet of one who stands: (T, 3)."""
    ends = ('foot', 'ankle') if 'left_foot' in layout else ('knee', 'hip')
    there, back = ([layout.index(f'{side}_{end}') for side in ('left', 'right')] for end in ends)
    return (keypoint[:, there] - keypoint[:, back]).mean(axis=1)


def test_the_real_skeletons_are_no_mirror_images_and_stand_upright(shared_data, tmp_path):
    """In a right-handed frame with y up, right x up points backwards, whoever is filmed from wherever.

    A mirrored data set, an order of joints read upside down or another unit shows at once.
    """
    sources = dict(
        utd_mhad=utd_mhad(shared_data / 'utd_mhad' / 'skeleton'),
        utkinect=utkinect(shared_data / 'utkinect' / 'UTKinect'),
        kard=kard(shared_data / 'kard' / 'kard.npz'),
        nw_ucla=nw_ucla(shared_data / 'nw_ucla' / 'nw_ucla.npz'),
    )
    for name, conversion in sources.items():
        jobs = conversion.jobs[::10]
        if name == 'kard':
            jobs = [job for job in conversion.jobs if job.source[1] == conversion.classes.index('sit down')]
        layout, backwards, lengths, heights = conversion.layout, [], [], []
        for job in jobs:
            keypoint = conversion.read(job.source).keypoint[0]
            if name == 'kard':
                keypoint = keypoint[-10:]  # seated
            right = keypoint[:, layout.index('right_shoulder')] - keypoint[:, layout.index('left_shoulder')]
            backwards.append(np.einsum('tc,tc->t', np.cross(right, [0, 1, 0]), forward(keypoint, layout)) < 0)
            torso = 'torso' if name == 'kard' else 'mid_hip'
            heights.append(keypoint[:, layout.indices(('head', 'neck', torso, 'left_ankle')), 1])
            elbow = keypoint[:, layout.index('left_elbow')] - keypoint[:, layout.index('left_shoulder')]
            lengths.append(np.linalg.norm(elbow, axis=-1))
        assert np.mean(np.concatenate(backwards)) > 0.85, name
        assert (np.diff(np.median(np.concatenate(heights), axis=0)) < -0.1).all(), name
        assert 0.2 < np.median(np.concatenate(lengths)) < 0.35, name  # meters of an upper arm


@pytest.mark.parametrize(
    ('name', 'clips', 'classes', 'splits'),
    [
        # counts of the data sets' own pages: 861 clips of 27 actions, 200 of 10, 540 of 18, 1,484 of 10
        ('utd_mhad', 861, 27, dict(xsub_train=431, xsub_test=430)),
        ('utkinect', 200, 10, dict(xsub_train=100, xsub_test=100)),
        ('kard', 540, 18, dict(xsub_train=270, xsub_test=270, person03_test=54, person03_train=486)),
        ('nw_ucla', 1484, 10, dict(xview_train=1020, xview_test=464, xview_test_distinct=369)),
        ('nw_ucla', 1484, 10, dict(xsub_train=754, xsub_test=730, person05_test=119, person05_train=1365)),
    ],
)
def test_counts_of_the_real_data_sets(shared_data, name, clips, classes, splits):
    conversion = dict(
        utd_mhad=lambda: utd_mhad(shared_data / 'utd_mhad' / 'skeleton'),
        utkinect=lambda: utkinect(shared_data / 'utkinect' / 'UTKinect'),
        kard=lambda: kard(shared_data / 'kard' / 'kard.npz'),
        nw_ucla=lambda: nw_ucla(shared_data / 'nw_ucla' / 'nw_ucla.npz'),
    )[name]()
    assert (len(conversion.jobs), len(conversion.classes)) == (clips, classes)
    assert not any(job.problem for job in conversion.jobs)
    counted = Counter(split for job in conversion.jobs for split in job.splits)
    assert {split: counted[split] for split in splits} == splits


def test_a_real_clip_of_utd_mhad_against_scipy(shared_data):
    root = shared_data / 'utd_mhad' / 'skeleton'
    conversion = utd_mhad(root)
    for job in conversion.jobs[::200]:
        clip = conversion.read(job.source)
        expected = loadmat(job.source[0])['d_skel'].transpose(2, 0, 1)
        np.testing.assert_allclose(clip.keypoint[0, :, KINECT.index('head')], expected[:, 0], rtol=1e-6)
        np.testing.assert_allclose(clip.keypoint[0, :, 4:], expected[:, 4:], rtol=1e-6)
