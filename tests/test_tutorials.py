"""The code of the tutorials does what they say: it is taken out of the pages and run."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys

import numpy as np
import pytest

from mmactrep.engine.config_files import ConfigNotFoundError, read_config
from mmactrep.store.reader import SkeletonStore
from tests.helpers.training import REPO, environment, write_store

TUTORIALS = REPO / 'docs' / 'tutorials'
#: Data are loaded by the process that trains.
IN_ONE_PROCESS = [
    f'{part}_dataloader.{name}'
    for part in ('train', 'val')
    for name in ('num_workers=0', 'persistent_workers=False')
]


def python_blocks(page):
    """The Python of a tutorial, block by block."""
    return re.findall(r'```python\n(.*?)```', (TUTORIALS / page).read_text(encoding='utf-8'), re.DOTALL)


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    """A folder with the repository's configs, as a tutorial is followed in."""
    (tmp_path / 'configs').symlink_to(REPO / 'configs')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_own_skeletons(workplace):
    store, layout, config = python_blocks('own-skeletons.md')
    rng = np.random.default_rng(0)
    names = [f'clip{number}' for number in range(6)]

    def my_clips():
        for number, name in enumerate(names):
            pose = rng.uniform(100, 900, (1, 20, 17, 2))
            yield name, pose, np.ones((1, 20, 17)), ('wave', 'sit', 'fall')[number % 3]

    exec(store, dict(my_clips=my_clips, train_ids=names[:3], test_ids=names[3:]))
    found = SkeletonStore('data/mine/2d')
    assert len(found) == 6 and list(found.classes) == ['wave', 'sit', 'fall'] and found[4]['label'] == 1
    space = {}
    exec(layout, space)
    assert space['hand'].num_joints == 3
    (workplace / 'mine.py').write_text(config)
    cfg = read_config('mine.py')
    assert (
        cfg.train_dataloader.dataset.ann_file == 'data/mine/2d'
        and cfg.test_dataloader.dataset.split == 'test'
    )


def test_a_new_method_is_trained(workplace):
    network, config = python_blocks('new-method.md')
    write_store(workplace / 'data' / 'mine' / '2d')
    (workplace / 'my_network.py').write_text(network)
    (workplace / 'my_config.py').write_text(config)
    done = subprocess.run(
        [sys.executable, '-m', 'mmactrep', 'train', 'my_config.py', '--cfg-options', 'train_cfg.min_iters=4',
         'train_cfg.max_epochs=2', *IN_ONE_PROCESS],
        capture_output=True, text=True,
        env=environment() | dict(PYTHONPATH=f'{REPO}:.'),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert list((workplace / 'work_dirs' / 'my_config').glob('*.pth'))


def test_a_config_elsewhere_is_told_where_the_recipe_is(tmp_path):
    _, config = python_blocks('new-method.md')
    (tmp_path / 'my_config.py').write_text(config)
    with pytest.raises(ConfigNotFoundError, match=r"is absent; the package has it: _base_ = '(.*)'") as told:
        read_config(tmp_path / 'my_config.py')
    named = re.search(r"_base_ = '(.*)'", str(told.value))[1]
    text = config.replace('./configs/_base_/recipes/own_skeletons_2d.py', named)
    (tmp_path / 'my_config.py').write_text(re.sub('custom_imports.*', '', text))
    assert read_config(tmp_path / 'my_config.py').model.backbone.type == 'MyNetwork'


def test_a_new_data_set_is_converted(tmp_path, monkeypatch):
    from mmactrep.datasets.converters import cli

    (code,) = python_blocks('new-dataset.md')
    name = 'mmactrep.datasets.converters.my_dataset'
    (tmp_path / 'my_dataset.py').write_text(code)
    spec = importlib.util.spec_from_file_location(name, tmp_path / 'my_dataset.py')
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    monkeypatch.setattr(cli, 'DATASETS', (*cli.DATASETS, 'my_dataset'))
    source = tmp_path / 'clips'
    source.mkdir()
    rng = np.random.default_rng(0)
    clips = {f'{name}_{subject:02}_1': rng.uniform(1, 400, (12, 17, 2)) for name in ('sit', 'wave')
             for subject in (3, 8)}  # fmt: skip
    for stem, clip in clips.items():
        np.save(source / f'{stem}.npy', clip)
    assert cli.main(['my_dataset', '--src', str(source), '--out', str(tmp_path / '2d'), '--quiet']) == 0
    store = SkeletonStore(tmp_path / '2d')
    assert [store[int(row)]['frame_dir'] for row in store.split('test')] == ['sit_08_1', 'wave_08_1']
    assert store[2]['label'] == 1 and not store.verify()
    np.testing.assert_allclose(store[2]['keypoint'][0], clips['wave_03_1'], rtol=1e-6)


def test_a_new_expert_is_used_beside_another(tmp_path, monkeypatch):
    pytest.importorskip('mediapipe', reason='needs mediapipe')
    from mmactrep.registry import POSE_EXPERTS

    expert, use = python_blocks('new-expert.md')
    (tmp_path / 'my_expert.py').write_text(expert)
    monkeypatch.syspath_prepend(tmp_path)
    space = {}
    try:
        exec(use, space)
        result = space['infer'](np.zeros((20, 240, 320, 3), np.uint8))
    finally:
        POSE_EXPERTS.module_dict.pop('MyExpert', None)
        sys.modules.pop('my_expert', None)
    # it sees somebody where MediaPipe sees nobody
    assert len(result.persons) >= 1 and result.num_experts == 2
