"""Names of configs, checkpoints and models that come with the package, and the index of the models."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mmactrep import packaged
from mmactrep.engine.checkpoints import read_checkpoint
from mmactrep.engine.composed_config import compose_config, resolve_config
from mmactrep.engine.config_files import ConfigError
from mmactrep.errors import CheckpointError
from mmactrep.packaged import ModelNameError, find_checkpoint, find_model_weights, model_index
from tests.helpers.training import REPO

PENN = REPO / 'configs' / 'unik' / 'unik_penn_2d.py'


@pytest.fixture
def elsewhere(tmp_path, monkeypatch) -> Path:
    """A folder without configs, as the working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    'name', ['unik_penn_2d', 'unik_penn_2d.py', 'unik/unik_penn_2d', 'configs/unik/unik_penn_2d.py']
)
def test_a_config_is_found_by_name_from_any_folder(elsewhere, name):
    assert resolve_config(name) == (PENN, [])


def test_a_name_may_end_in_overlays(elsewhere, capsys):
    assert resolve_config('unik_ntu60-xsub_3d_bone') == (PENN.with_name('unik_ntu60-xsub_3d.py'), ['bone'])
    assert resolve_config('stgcn_ntu60-xsub_3d') == (PENN.with_name('unik_ntu60-xsub_3d.py'), ['stgcn'])
    cfg = compose_config('unik_penn_2d', ['bone'])
    assert Path(cfg.filename).stem == 'unik_penn_2d+bone'
    assert cfg.train_dataloader.dataset.stream == 'bone'


def test_a_file_comes_before_a_name(elsewhere):
    own = elsewhere / 'unik_penn_2d.py'
    own.write_text('')
    assert resolve_config('unik_penn_2d.py') == (Path('unik_penn_2d.py'), [])
    assert resolve_config('unik_penn_2d') == (PENN, [])


@pytest.mark.parametrize(
    ('name', 'said'),
    [
        ('unik_pen_2d', r'^unik_pen_2d: no such config; near are: configs/unik/unik_penn_2d\.py'),
        ('configs/unik/unik_pen_2d.py', r'near are: configs/unik/unik_penn_2d\.py'),
        ('mine', r'^mine: no such config; near are: mine\.py$'),
        ('other/unik_penn_2d.py', r'no such config'),
        ('../unik/unik_penn_2d.py', r'no such config'),
        ('a/b/unik_penn_2d', r'no such config'),
        ('rows', r'^rows: no such config'),
        ('', r'.'),
    ],
)
def test_what_is_no_config_is_told_with_near_names(elsewhere, name, said):
    (elsewhere / 'mine.py').write_text('')
    with pytest.raises(ConfigError, match=said):
        compose_config(name)


def test_checkpoints_are_found_by_name(elsewhere):
    file = REPO / 'demo' / 'checkpoints' / 'lac_unik_penn_2d.pth'
    for name in ('lac_unik_penn_2d', 'lac_unik_penn_2d.pth', 'demo/checkpoints/lac_unik_penn_2d.pth'):
        assert find_checkpoint(name) == file
    assert read_checkpoint('lac_unik_penn_2d')['state_dict']
    for name in ('other/lac_unik_penn_2d.pth', 'lac_unik', '/lac_unik_penn_2d.pth'):
        assert find_checkpoint(name) == Path(name)
    (elsewhere / 'lac_unik_penn_2d.pth').write_text('own')
    assert find_checkpoint('lac_unik_penn_2d.pth') == Path('lac_unik_penn_2d.pth')


def test_what_is_no_checkpoint_is_told_with_near_names(elsewhere):
    with pytest.raises(
        CheckpointError, match=r'^lac_unik_pen: no such checkpoint; near are: lac_unik_penn_2d'
    ):
        read_checkpoint('lac_unik_pen')


def test_models_have_names_and_aliases():
    weights = REPO / 'demo' / 'checkpoints' / 'unik_penn_2d_recommended.pth'
    assert find_model_weights('unik_penn_2d') == find_model_weights('unik_penn_2d_recommended') == weights
    assert find_model_weights('tmor_unik_2d').name == 'tmor_unik_2d.pth'


@pytest.mark.parametrize(
    ('name', 'said'),
    [
        ('unik_posetics_2d', 'no weights come with the package for it: pass its checkpoint'),
        ('lac_unik_penn_2d', 'no weights come'),  # an encoder recognizes nothing
        ('resnet', 'there is no model of this name'),
    ],
)
def test_a_model_without_weights_is_told(name, said):
    with pytest.raises(ModelNameError, match=rf'^{name}: {said}.*models with weights are: .*unik_penn_2d, '):
        find_model_weights(name)


def test_an_inferencer_takes_a_name(elsewhere):
    from mmactrep.apis import SkeletonInferencer

    infer = SkeletonInferencer('unik_penn_2d', device='cpu')
    assert repr(infer).startswith('SkeletonInferencer(ActionRecognizer(unik_penn_2d_recommended')
    assert '15 classes, 2D joints of posetics17, cpu), default, windows of 120' in repr(infer)
    assert len(infer.classes) == 15 and infer.recognizer.weights.endswith('unik_penn_2d_recommended.pth')
    with pytest.raises(ModelNameError, match=r'^unik_pen: .*models with weights'):
        SkeletonInferencer('unik_pen')


def test_the_index_names_what_exists():
    files = {file['Config'] for file in model_index()}
    assert len(files) == len(model_index())
    for model in model_index():
        config = REPO / model['Config']
        assert config.is_file() and config.stem == model['Name']
    weights = {REPO / model['Weights'] for model in model_index() if 'Weights' in model}
    assert weights == set((REPO / 'demo' / 'checkpoints').glob('*.pth'))


def test_no_two_models_share_a_name():
    names = [name for model in model_index() for name in (model['Name'], model.get('Alias')) if name]
    # a model's alias may be the config of the recipe that it improves
    assert len(names) - len(set(names)) == 1 and names.count('unik_penn_2d') == 2


def test_openmmlab_reads_the_index():
    """Its inferencers look models up so; mim reads the same files."""
    from mmengine.infer import BaseInferencer

    assert list(BaseInferencer._get_models_from_metafile(str(REPO))) == model_index()


def test_figures_of_the_index_are_those_of_the_readmes():
    import yaml

    index = yaml.safe_load((REPO / 'model-index.yml').read_text())
    assert [Path(file).parent.name for file in index['Import']] == sorted(
        path.parent.name for path in (REPO / 'configs').glob('*/metafile.yml')
    )
    checked = 0
    for file in index['Import']:
        meta = yaml.safe_load((REPO / file).read_text())
        (collection,) = meta['Collections']
        told = (REPO / collection['README']).read_text()
        told += (REPO / 'demo' / 'checkpoints' / 'README.md').read_text()
        rows = [line for line in told.splitlines() if line.startswith('|')]
        for model in meta['Models']:
            assert model['In Collection'] == collection['Name']
            for result in model['Results'] or []:
                for value in result['Metrics'].values():
                    row = rf'\b{re.escape(model["Name"])}\.py.*\b{value:.2f}\b'
                    assert any(re.search(row, line) for line in rows), (model['Name'], value)
                    checked += 1
    assert checked >= 6


def test_every_method_with_configs_and_a_readme_has_a_metafile():
    methods = {path.parent.name for path in packaged.packaged_configs().values()}
    methods = {name for name in methods if (REPO / 'configs' / name / 'README.md').is_file()}
    assert methods <= {path.parent.name for path in (REPO / 'configs').glob('*/metafile.yml')}
