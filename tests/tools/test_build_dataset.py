"""tools/build_dataset.py as a user calls it: from lists and videos to a data set, whatever happens."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from mmactrep.pose.extraction.building.config import read_build_config
from mmactrep.pose.extraction.building.outcomes import read_outcomes
from mmactrep.pose.extraction.building.plan import make_plan
from mmactrep.store.reader import SkeletonStore
from tests.helpers import processes
from tests.helpers.building import files
from tests.helpers.refusals import assert_refused, run_here
from tests.helpers.training import REPO, environment
from tests.helpers.videos import make_video

#: Frames and brightness of the videos of a list, all at 10 frames a second.
VIDEOS = dict(aaa=(60, 60), bbb=(40, 90), ccc=(50, 0), ddd=(30, 130), eee=(90, 160), fff=(30, 200))
LIST = """\
label,youtube_id,time_start,time_end,split
making cakes,aaa,1,3,train
making sushi,bbb,0.5,2.5,train
washing hair,ccc,0,4,train
slacklining,ddd,0,2,validate
washing hair,ddd,1,3,validate
making cakes,eee,2,8.5,validate
making cakes,aaa,3,6,test
"""
MAPPING = """\
making cakes -> making food
making sushi -> making food
washing hair -> washing hair
slacklining -> -
"""


@pytest.fixture
def given(tmp_path):
    """A list, its videos and a mapping, and the arguments for them."""
    (tmp_path / 'videos').mkdir()
    for name, (frames, brightness) in VIDEOS.items():
        make_video(tmp_path / 'videos' / f'{name}.mp4', [np.full((48, 64, 3), brightness, np.uint8)] * frames)
    (tmp_path / 'list.csv').write_text(LIST)
    (tmp_path / 'map.txt').write_text(MAPPING)
    return [
        tmp_path / 'list.csv', '--videos', tmp_path / 'videos', '--mapping', tmp_path / 'map.txt', '--quiet',
        '--experts', experts(tmp_path / 'experts.py'),
    ]  # fmt: skip


def experts(path):
    """A config with a fast expert."""
    path.write_text(
        "custom_imports = dict(imports=['tests.helpers.brightness_expert'])\n"
        "experts = [dict(type='BrightnessExpert')]\n"
    )
    return path


def test_from_a_list_to_a_data_set(given, tmp_path, capsys):
    out = tmp_path / 'out'
    done = run_here(capsys, 'build_dataset.py', [*given, '--out', out])
    assert done.code == 0, done.err
    store = SkeletonStore(out / '2d')
    names = [
        'aaa_000001_000003',
        'bbb_000000.500_000002.500',
        'ddd_000001_000003',
        'eee_000002_000008.500',
        'aaa_000003_000006',
    ]
    assert list(store.ids) == names and store.verify() == [] and store.layout.name == 'posetics17'
    assert [store[i]['total_frames'] for i in range(5)] == [20, 20, 20, 65, 30]
    assert store.classes == ['making food', 'washing hair'] and store.labels.tolist() == [0, 0, 1, 0, 0]
    assert {name: store.split(name).tolist() for name in store.split_names} == dict(
        test=[4], train=[0, 1], val=[2, 3]
    )
    assert json.loads((out / 'captions.json').read_text())['aaa_000001_000003'] == ['making food']
    assert 'ccc.mp4: nobody was found' in (out / 'report.html').read_text()
    assert '5 clips of 7 rows' in done.out and '1 left out: its label is dropped by the mapping' in done.out
    assert '1 left out: nobody was found in the video' in done.out and 'frames/s' in done.out
    again = run_here(capsys, 'build_dataset.py', [*given, '--out', out])
    assert again.code == 0 and '7 of an earlier attempt' in again.out


@pytest.mark.parametrize(
    ('row', 'message'),
    [
        ('washing hair,zzz,0,2,train', r'list\.csv:9: no video, or several, named zzz_000000_000002 or zzz'),
        ('washing hair,fff,2,1,train', r'list\.csv:9: it ends at 1 s, not after its start at 2 s'),
        ('washing hair,fff,3,9,train', r'csv:9: .*fff\.mp4: the part begins at 3 s, the video ends at 3\.0'),
        ('washing feet,fff,0,2,train', r"list\.csv:9: label 'washing feet' is not in .*map\.txt"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_used_is_named_and_with_skip_bad_listed(given, tmp_path, capsys, row, message):
    with open(tmp_path / 'list.csv', 'a') as file:
        file.write(f'{row}\nmaking cakes,fff,0,2,test\n')
    out = tmp_path / 'out'
    assert_refused(run_here(capsys, 'build_dataset.py', [*given, '--out', out]), message)
    assert not (out / '2d').exists()
    done = run_here(capsys, 'build_dataset.py', [*given, '--out', out, '--skip-bad'])
    assert done.code == 0 and '1 left out: the row or its video cannot be used' in done.out
    store = SkeletonStore(out / '2d')
    assert len(store) == 6 and store.ids[5] == 'fff_000000_000002'
    outcomes = [*read_outcomes(out / '2d')]
    assert len(outcomes) == 9 and outcomes[7].reason == 'bad' and 'list.csv:9' in outcomes[7].why
    assert 'list.csv:9' in (out / '2d.skipped.txt').read_text()


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['absent.csv'], 'absent.csv: no such list or folder, and no data set of that name'),
        (['CONFIG', '--mapping', 'MAP'], r'config\.json: --mapping belongs into the config'),
        (['LIST', '--experts', 'no-such-expert'], "unknown pose expert 'no-such-expert'"),
        (['LIST', '--shard', '3/2'], 'a shard of 2 has a number 0 ... 1, found 3'),
        (['LIST', '--merge'], r'expected the shards 2d\.shard-\*-of-\* of one run, found none'),
        (['LIST', '--captions', 'absent.json'], r'absent\.json'),
    ],
)
def test_mistakes_are_one_line(given, tmp_path, capsys, arguments, message):
    (tmp_path / 'config.json').write_text(json.dumps(dict(sources=[dict(path='list.csv', videos='videos')])))
    places = dict(LIST=given[0], CONFIG=tmp_path / 'config.json', MAP=tmp_path / 'map.txt')
    values = [places.get(argument, argument) for argument in arguments]
    if arguments[0] == 'LIST':
        values = [*given, *values[1:]]
    assert_refused(run_here(capsys, 'build_dataset.py', [*values, '--out', tmp_path / 'out']), message)


def test_shards_of_a_slurm_array_are_merged_into_the_whole(given, tmp_path, capsys, monkeypatch):
    run_here(capsys, 'build_dataset.py', [*given, '--out', tmp_path / 'set'])
    (tmp_path / 'set').rename(tmp_path / 'whole')
    arguments = [*given, '--out', tmp_path / 'set']
    monkeypatch.setenv('SLURM_ARRAY_TASK_COUNT', '3')
    for index in range(3):
        monkeypatch.setenv('SLURM_ARRAY_TASK_ID', str(index))
        assert run_here(capsys, 'build_dataset.py', arguments).code == 0
        assert not (tmp_path / 'set' / 'report.html').exists()
    monkeypatch.delenv('SLURM_ARRAY_TASK_ID')
    merged = run_here(capsys, 'build_dataset.py', [*arguments, '--merge'])
    assert merged.code == 0 and '5 clips of 7 rows' in merged.out
    found = {name: content for name, content in files(tmp_path / 'set').items() if '.shard-' not in name}
    assert found == files(tmp_path / 'whole')


def test_killed_several_times_it_ends_with_the_same_bytes(given, tmp_path, capsys):
    """The process is killed by the system at whatever it does, three times."""
    run_here(capsys, 'build_dataset.py', [*given, '--out', tmp_path / 'set'])
    (tmp_path / 'set').rename(tmp_path / 'whole')
    log = tmp_path / 'started.txt'
    slow = environment() | dict(PYTHONPATH=str(REPO), BRIGHTNESS_SECONDS='0.01', BRIGHTNESS_LOG=str(log))
    arguments = [*given, '--out', tmp_path / 'set']
    command = [REPO / 'tools' / 'build_dataset.py', *arguments]
    for videos in (1, 3, 5):
        process = processes.start(command, slow, REPO)
        while (
            len(log.read_text().splitlines()) if log.exists() else 0
        ) < videos and process.exitcode is None:
            time.sleep(0.01)
        assert process.exitcode is None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
    done = run_here(capsys, 'build_dataset.py', arguments)
    assert done.code == 0 and 'of an earlier attempt' in done.out
    assert files(tmp_path / 'set') == files(tmp_path / 'whole')


def test_posetics_json_is_read_back_by_convert(given, tmp_path, capsys):
    out = tmp_path / 'out'
    arguments = [*given, '--out', out, '--posetics-json', tmp_path / 'json']
    done = run_here(capsys, 'build_dataset.py', arguments)
    assert done.code == 0 and "json: Posetics's files of 2 in train, 3 in val" in done.out, done.err
    arguments = ['posetics', '--src', tmp_path / 'json', '--out', tmp_path / 'back', '--quiet']
    assert run_here(capsys, 'data/convert.py', arguments).code == 0
    found, expected = SkeletonStore(tmp_path / 'back'), SkeletonStore(out / '2d')
    assert sorted(found.ids) == sorted(expected.ids) and found.classes == expected.classes
    for name in expected.ids:
        a, b = found[found.find(name)], expected[expected.find(name)]
        assert (a['label'], a['img_shape'], a['fps']) == (b['label'], b['img_shape'], b['fps'])
        np.testing.assert_allclose(a['keypoint'], b['keypoint'], atol=0.01)
        np.testing.assert_allclose(a['keypoint_score'], b['keypoint_score'], atol=1e-3)
    assert_refused(
        run_here(capsys, 'build_dataset.py', [*given, '--out', out, '--posetics-json', out]),
        "out is not empty; Posetics's files need another folder$",
    )


def test_posetics_json_that_cannot_be_written_is_refused_before_the_build(given, tmp_path, capsys):
    table = given[0]
    table.write_text('\n'.join(line for line in LIST.splitlines() if line[-5:] in ('split', 'train')))
    arguments = [*given, '--out', tmp_path / 'out', '--posetics-json', tmp_path / 'json']
    outcome = run_here(capsys, 'build_dataset.py', arguments)
    assert_refused(outcome, r"json: Posetics's files need clips of val or test, the splits are \['train'\]")
    assert not (tmp_path / 'out').exists() and not (tmp_path / 'json').exists()


SBATCH = """\
#!/usr/bin/env python
import os, re, subprocess, sys
arguments = sys.argv[1:]
with open(os.environ['JOBS'], 'a') as file:
    file.write(' '.join(argument for argument in arguments if argument.startswith('-')) + chr(10))
array = next((argument for argument in arguments if argument.startswith('--array=')), '')
tasks = int(array.rpartition('-')[2]) + 1 if array else 1
for task in range(tasks):
    own = dict(SLURM_ARRAY_TASK_ID=str(task), SLURM_ARRAY_TASK_COUNT=str(tasks)) if array else {}
    command = arguments[arguments.index('--wrap') + 1]
    subprocess.run(command, shell=True, check=True, env={**os.environ, **own}, stdout=subprocess.DEVNULL)
print('4711;cluster')
"""


def test_the_launcher_for_slurm_divides_and_merges(given, tmp_path, capsys):
    """A stand-in of sbatch runs the tasks of an array one after another."""
    run_here(capsys, 'build_dataset.py', [*given, '--out', tmp_path / 'my set'])
    (tmp_path / 'my set').rename(tmp_path / 'whole')
    (tmp_path / 'bin').mkdir()
    (tmp_path / 'bin' / 'sbatch').write_text(SBATCH.replace('/usr/bin/env python', sys.executable))
    (tmp_path / 'bin' / 'sbatch').chmod(0o755)
    own = dict(
        PATH=f'{tmp_path / "bin"}:{os.environ["PATH"]}', PYTHON=sys.executable, PYTHONPATH=str(REPO),
        JOBS=str(tmp_path / 'jobs.txt'), TIME='8:00:00', GPUS_PER_TASK='2',
        SBATCH_ARGS='--mem=8G --account=me',
    )  # fmt: skip
    tool = REPO / 'tools' / 'slurm_build_dataset.sh'
    command = ['bash', tool, 'gpu', 2, *given, '--out', tmp_path / 'my set']
    done = subprocess.run(
        [str(part) for part in command], env=environment() | own, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    jobs = (tmp_path / 'jobs.txt').read_text().splitlines()
    assert '--array=0-1' in jobs[0] and '--gres=gpu:2' in jobs[0] and '--dependency=afterok:4711 ' in jobs[1]
    assert all('--time=8:00:00' in job and '--mem=8G --account=me' in job for job in jobs) and len(jobs) == 2
    found = {name: content for name, content in files(tmp_path / 'my set').items() if '.shard-' not in name}
    assert found == files(tmp_path / 'whole')


def test_the_launcher_for_one_machine_divides_and_merges(given, tmp_path):
    command = [
        'bash',
        REPO / 'tools' / 'dist_build_dataset.sh',
        2,
        *given[:-1],
        given[-1],
        '--out',
        tmp_path / 'set',
    ]
    own = dict(PYTHON=sys.executable, PYTHONPATH=str(REPO))
    done = subprocess.run(
        [str(part) for part in command], env=environment() | own, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert (
        '5 clips of 7 rows' in done.stdout and len(list((tmp_path / 'set').glob('2d.shard-*-of-00002'))) == 2
    )
    assert SkeletonStore(tmp_path / 'set' / '2d').verify() == []


def test_the_configs_that_are_shipped(tmp_path):
    folder = REPO / 'configs' / '_sources_'
    for name in ('set1/0_1_4', 'set1/60_1_6'):
        (tmp_path / f'{name}.avi').parent.mkdir(exist_ok=True)
        (tmp_path / f'{name}.avi').write_bytes(b'x')
    plan = make_plan(read_build_config(folder / 'ut_interaction.py', tmp_path).sources)
    assert [(row.label, row.dropped) for row in plan.rows] == [('punch', False), ('background', True)]
    for split, other in (('train', 'making sushi'), ('val', 'abseiling')):
        stem = 'train' if split == 'train' else 'validate'
        rows = f'making a cake,{split},1,11,\n{other},{split}2,1,11,\n'
        (tmp_path / f'{stem}.csv').write_text(f'label,youtube_id,time_start,time_end,split\n{rows}')
        (tmp_path / split).mkdir()
        for video in (split, f'{split}2'):
            (tmp_path / split / f'{video}.mp4').write_bytes(b'x')
    plan = make_plan(read_build_config(folder / 'kinetics400.py', tmp_path).sources)
    assert plan.classes == ['abseiling', 'making food'] and plan.splits == ['train', 'val']
    assert [row.label for row in plan.rows] == ['making food'] * 3 + ['abseiling']


def test_real_videos(shared_data, tmp_path, capsys):
    """UT-Interaction, a few clips of it, with the experts that need no weights."""
    pytest.importorskip('mediapipe')
    for name in ('3_1_3', '57_10_3'):  # one person points
        (tmp_path / 'set1').mkdir(exist_ok=True)
        (tmp_path / 'set1' / f'{name}.avi').symlink_to(
            shared_data / 'ut_interaction' / 'set1' / f'{name}.avi'
        )
    config = REPO / 'configs' / '_sources_' / 'ut_interaction.py'
    arguments = [config, '--videos', tmp_path, '--out', tmp_path / 'out', '--experts', 'mediapipe', '--quiet']
    done = run_here(capsys, 'build_dataset.py', arguments)
    assert done.code == 0, done.err
    store = SkeletonStore(tmp_path / 'out' / '2d')
    assert list(store.ids) == ['set1/3_1_3', 'set1/57_10_3'] and store.classes == ['point']
    for clip in (store[0], store[1]):
        seen = clip['keypoint_score'] > 0
        assert seen.any(axis=(0, 2)).mean() > 0.9 and clip['fps'] == pytest.approx(30, abs=0.5)
        points, (height, width) = clip['keypoint'][seen], clip['img_shape']
        assert (points > -0.2 * width).all() and (points < 1.2 * max(height, width)).all()


def test_with_a_lifting_model_there_are_two_stores(given, tmp_path, capsys):
    pytest.importorskip('mmpose')
    import torch
    from mmengine.config import Config

    from mmactrep.pose.lifting import LIFTERS, PoseLifter

    config = Config.fromfile(LIFTERS['videopose3d-27'].config_path)
    config.model.backbone.stem_channels = config.model.head.in_channels = 8
    config.dump(tmp_path / 'small.py')
    torch.save(PoseLifter(config)._model.state_dict(), tmp_path / 'small.pth')
    model = f'{tmp_path / "small.py"},{tmp_path / "small.pth"}'
    lift = ['--lift', model, '--posetics-json', tmp_path / 'json']
    done = run_here(capsys, 'build_dataset.py', [*given, '--out', tmp_path / 'out', *lift])
    assert done.code == 0 and re.search(r'lifting +[\d.]+ frames/s', done.out), done.err
    flat, solid = (SkeletonStore(tmp_path / 'out' / name) for name in ('2d', '3d'))
    assert list(solid.ids) == list(flat.ids) and solid.layout == flat.layout and solid.verify() == []
    assert (solid.num_channels, solid[0]['keypoint'].shape) == (3, (1, 20, 17, 3))
    frames = json.loads(next((tmp_path / 'json' / 'train').glob('*.json')).read_text())['frames']
    assert len(frames[0][0]['pose3d']) == 39
