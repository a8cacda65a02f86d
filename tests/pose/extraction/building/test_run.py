"""From rows to stores: what is kept, what is left out and why, kills, shards, two stores at once."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from mmactrep.pose.estimator import PoseEstimator
from mmactrep.pose.extraction.building.listed import BuildError
from mmactrep.pose.extraction.building.outcomes import REASONS, read_outcomes
from mmactrep.pose.extraction.building.plan import make_plan
from mmactrep.pose.extraction.building.run import run_build
from mmactrep.pose.extraction.building.settings import BuildSettings
from mmactrep.pose.extraction.report import log_of
from mmactrep.store.format import StoreError
from mmactrep.store.reader import SkeletonStore
from mmactrep.store.shards import Shard
from tests.helpers.brightness_expert import BrightnessExpert
from tests.helpers.building import LABELS, SETTINGS, VIDEOS, DoublingLifter, Opener, build, files
from tests.helpers.fake_videos import FakeVideo


def test_clips_and_what_is_left_out_and_why(source, tmp_path):
    report = build(source, tmp_path / 'out')
    store = SkeletonStore(tmp_path / 'out' / '2d')
    assert list(store.ids) == ['a', 'b', 'c', 'half', 'd'] and store.verify() == []
    assert store.classes == ['run', 'sitting'] and store.labels.tolist() == [1, 0, 0, 1, 0]
    splits = {name: [store.ids[row] for row in store.split(name)] for name in store.split_names}
    assert splits == dict(train=['a', 'c'], val=['half', 'd'])
    assert report.counts == {'': 5, 'bad': 1, 'label': 1, 'nobody': 1, 'few': 1} and report.rows == 9
    assert list(report.counts) == ['', *REASONS]
    outcomes = {outcome.name: outcome for outcome in read_outcomes(store.root)}
    assert list(outcomes) == list(LABELS)  # a line for every row, in their order
    assert {name: found.reason for name, found in outcomes.items() if not found.kept} == dict(
        black='nobody', broken='bad', drop='label', few='few'
    )
    assert outcomes['drop'].label == 'noise' and outcomes['few'].label == 'run'
    assert (outcomes['few'].frames, outcomes['few'].bodies, outcomes['few'].share) == (11, (6, 5), 0.4545)
    assert outcomes['half'].bodies == (6, 6) and outcomes['a'].bodies == (0, 20) and outcomes['a'].share == 1
    assert 'list.csv:6: broken.mp4: damaged or truncated' in outcomes['broken'].why
    assert outcomes['few'].why.endswith('few.mp4: a body in 45% of 11 frames')
    skipped = dict(line.split('\t') for line in report.skipped_file.read_text().splitlines())
    assert set(skipped) == {'black', 'broken', 'few'} and skipped['few'] == outcomes['few'].why


def test_gaps_that_are_filled_do_not_count_as_bodies(source, tmp_path):
    # one frame in three: with gaps of two filled there is a pose in every frame
    bright = [90 if n % 3 == 0 else 0 for n in range(31)]
    opener = lambda row: FakeVideo(31, bright) if row.clip_id == 'a' else VIDEOS[row.clip_id]  # noqa: E731
    build(source, tmp_path / 'out', opener)
    outcome = next(read_outcomes(tmp_path / 'out' / '2d'))
    assert (outcome.reason, outcome.bodies, outcome.share) == ('few', (20, 11), 0.3548)


def test_without_skip_bad_the_first_stops_and_nothing_is_lost(source, tmp_path):
    with pytest.raises(BuildError, match=r'list\.csv:6: broken\.mp4: damaged .*--skip-bad'):
        build(source, tmp_path / 'out', skip_bad=False)
    mended = lambda row: FakeVideo(40, 90) if row.clip_id == 'broken' else VIDEOS[row.clip_id]  # noqa: E731
    report = build(source, tmp_path / 'out', mended, skip_bad=False)
    assert report.resumed == 4 and report.counts[''] == 6
    assert 'broken' in list(SkeletonStore(tmp_path / 'out' / '2d').ids)


@pytest.mark.parametrize('kill_at', ['a', 'b', 'black', 'c', 'broken', 'few', 'half', 'd'])
@pytest.mark.parametrize('lifter', [None, DoublingLifter()])
def test_killed_and_resumed_it_ends_with_the_same_bytes(source, tmp_path, kill_at, lifter):
    build(source, tmp_path / 'whole', lifter=lifter)
    first, second = Opener(kill_at), Opener()
    with pytest.raises(KeyboardInterrupt):
        build(source, tmp_path / 'killed', first, lifter=lifter)
    report = build(source, tmp_path / 'killed', second, lifter=lifter)
    assert files(tmp_path / 'whole') == files(tmp_path / 'killed')
    assert report.resumed == list(LABELS).index(kill_at) and not set(first.opened) & set(second.opened)
    third = Opener()
    again = build(source, tmp_path / 'killed', third, lifter=lifter)
    assert third.opened == [] and again.counts == report.counts and again.resumed == 9


@pytest.mark.parametrize('lost', range(1, 6))
def test_lines_and_clips_that_a_kill_tore_apart_are_done_again(source, tmp_path, lost):
    """The log is behind a store, or ahead of it, or a line is half written."""
    build(source, tmp_path / 'whole', lifter=DoublingLifter())
    with pytest.raises(KeyboardInterrupt):
        build(source, tmp_path / 'killed', Opener('d'), lifter=DoublingLifter())
    flat, solid = (tmp_path / 'killed' / f'{name}.partial' for name in ('2d', '3d'))
    if lost <= 2:
        log = flat / 'videos.jsonl'
        log.write_bytes(b''.join(log.read_bytes().splitlines(keepends=True)[:-lost]) + b'{"vid' * (lost == 2))
    elif lost <= 4:
        journal = (flat, solid)[lost - 3] / 'journal.jsonl'
        journal.write_bytes(b''.join(journal.read_bytes().splitlines(keepends=True)[:-1]))
    else:
        (flat / 'score.npy').write_bytes((flat / 'score.npy').read_bytes()[:-10])
    build(source, tmp_path / 'killed', lifter=DoublingLifter())
    assert files(tmp_path / 'whole') == files(tmp_path / 'killed')


def test_a_kill_between_the_two_stores(source, tmp_path, monkeypatch):
    build(source, tmp_path / 'whole', lifter=DoublingLifter())
    from mmactrep.store import writer

    original = writer.SkeletonStoreWriter.finish

    def finish(self):
        if self.root.name == '2d':
            raise KeyboardInterrupt
        original(self)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(writer.SkeletonStoreWriter, 'finish', finish)
        build(source, tmp_path / 'killed', lifter=DoublingLifter())
    assert (tmp_path / 'killed' / '3d').is_dir() and not (tmp_path / 'killed' / '2d').exists()
    opener = Opener()
    build(source, tmp_path / 'killed', opener, lifter=DoublingLifter())
    assert opener.opened == [] and files(tmp_path / 'whole') == files(tmp_path / 'killed')


def test_the_lifted_store_has_the_same_clips_in_the_layout_that_is_asked_for(source, tmp_path):
    build(source, tmp_path / 'out', lifter=DoublingLifter())
    flat, solid = (SkeletonStore(tmp_path / 'out' / name) for name in ('2d', '3d'))
    assert list(flat.ids) == list(solid.ids) and solid.num_channels == 3 and solid.verify() == []
    assert flat.split('val').tolist() == solid.split('val').tolist()
    np.testing.assert_array_equal(solid[2]['keypoint'][..., :2], flat[2]['keypoint'])
    np.testing.assert_array_equal(solid[2]['keypoint'][..., 2], 2 * flat[2]['keypoint'][..., 0])
    estimator = PoseEstimator([BrightnessExpert()], 'posetics17', **SETTINGS.estimator)
    plan = make_plan([source], skip_bad=True)
    settings = BuildSettings(SETTINGS, skip_bad=True)
    run_build(
        plan,
        tmp_path / 'p',
        estimator,
        settings,
        lifter=DoublingLifter(),
        open_video=Opener(),
        progress=False,
    )
    assert SkeletonStore(tmp_path / 'p' / '3d').layout.name == 'posetics17'


def test_other_settings_are_not_mixed(source, tmp_path):
    build(source, tmp_path / 'out')
    with pytest.raises(FileExistsError):
        build(source, tmp_path / 'out', settings=replace(SETTINGS, fill_gap=0))
    build(source, tmp_path / 'out', settings=replace(SETTINGS, fill_gap=0), overwrite=True)
    with pytest.raises(KeyboardInterrupt):
        build(source, tmp_path / 'killed', Opener('c'))
    with pytest.raises(StoreError, match='begun with other settings'):
        build(source, tmp_path / 'killed', settings=replace(SETTINGS, fill_gap=0))


def test_experts_that_find_other_poses_after_a_kill_are_noticed(source, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        build(source, tmp_path / 'out', Opener('d'))
    log = tmp_path / 'out' / '2d.partial' / 'videos.jsonl'
    log.write_bytes(b''.join(log.read_bytes().splitlines(keepends=True)[:-1]))
    darker = lambda row: FakeVideo(12, 0) if row.clip_id == 'half' else VIDEOS[row.clip_id]  # noqa: E731
    with pytest.raises(StoreError, match='the log tells of 4 clips, the store has 5'):
        build(source, tmp_path / 'out', darker)


def test_a_part_of_the_rows_that_gives_no_clip_keeps_its_log(source, tmp_path):
    shard = Shard(2, 9)
    report = build(source, tmp_path / 'out', shard=shard)
    root = shard.root(tmp_path / 'out' / '2d')
    assert report.counts[''] == 0 and not root.exists()
    assert json.loads(root.with_name(root.name + '.empty').read_text())['shard'] == [2, 9]
    assert [outcome.reason for outcome in read_outcomes(log_of(root))] == ['nobody']
    opener = Opener()
    assert build(source, tmp_path / 'out', opener, shard=shard).counts['nobody'] == 1 and opener.opened == []


def test_a_list_without_any_clip_is_an_error_that_leaves_the_reasons(source, tmp_path):
    with pytest.raises(StoreError, match=r'none of the 9 rows gave a clip, see .*2d\.skipped\.txt'):
        build(source, tmp_path / 'out', Opener(bad=set(LABELS)))
    skipped = (tmp_path / 'out' / '2d.skipped.txt').read_text()
    assert len(skipped.splitlines()) == 8
    assert len([*read_outcomes(log_of(tmp_path / 'out' / '2d'))]) == 9
    build(source, tmp_path / 'out')
    assert sorted(path.name for path in (tmp_path / 'out').iterdir()) == ['2d', '2d.skipped.txt']
