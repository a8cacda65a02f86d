import json
import re

import numpy as np
import pytest

from mmactrep.datasets.converters.posetics import posetics
from mmactrep.datasets.standins.posetics import StandinSettings, make_clips, standin_video_id, write_standin

SETTINGS = StandinSettings(
    train=30, test=12, frames=16, motions=('walk', 'drink', 'clap'), second_person=0.5, unseen=0.5
)


@pytest.fixture(scope='module')
def standin(tmp_path_factory):
    root = tmp_path_factory.mktemp('standin') / 'raw'
    assert write_standin(root, SETTINGS)
    return root


def test_files_have_the_format_of_posetics(standin):
    for split, count in (('train', 30), ('val', 12)):
        files = sorted((standin / split).iterdir())
        labels = json.loads((standin / f'posetics_{split}_label.json').read_text())
        assert len(files) == len(labels) == count
        for path in files:
            assert re.fullmatch(r'.{11}_\d{6}_\d{6}\.json', path.name)
            entry = labels[path.name[-30:-19]]  # characters -30 to -20
            assert entry['has_skeleton'] is True and entry['label_index'] in (0, 1, 2)
            frames = json.loads(path.read_text())['frames']
            assert 8 <= len(frames) <= 16
            for person in (person for frame in frames for person in frame):
                assert set(person) == {'pose2d', 'pose3d'}
                assert len(person['pose2d']) == 26 and len(person['pose3d']) == 39
                x, y = np.array(person['pose2d'][:13]), np.array(person['pose2d'][13:])
                assert ((x >= 0) & (x <= 640)).all() and ((y >= 0) & (y <= 480)).all()
                assert np.isfinite(person['pose3d']).all()
    assert (standin / 'classes.txt').read_text().split() == ['walk', 'drink', 'clap']


def test_classes_are_balanced(standin):
    for split, each in (('train', 10), ('val', 4)):
        labels = json.loads((standin / f'posetics_{split}_label.json').read_text())
        assert np.bincount([entry['label_index'] for entry in labels.values()]).tolist() == [each] * 3


def test_persons_come_and_go():
    clips = make_clips(SETTINGS, 'train', 0, 30)
    persons = [[len(frame) for frame in clip['frames']] for clip in clips]
    assert any(max(p) == 2 for p in persons) and any(max(p) == 1 for p in persons)
    assert any(min(p) == 0 for p in persons)
    assert len({len(p) for p in persons}) > 1
    missing = [
        min(map(abs, person['pose2d'])) == 0 for clip in clips for frame in clip['frames'] for person in frame
    ]
    assert 0 < np.mean(missing) < 0.8


def test_joint_order_is_lcrnets():
    """Right ankle, left ankle, ..., left shoulder, head: the head above the shoulders above the ankles."""
    quiet = StandinSettings(train=8, test=4, frames=8, motions=('drink',), second_person=0.0, unseen=0.0)
    upright = []
    for clip in make_clips(quiet, 'train', 0, 8):
        x, y = np.array(clip['frames'][0][0]['pose3d']).reshape(3, 13)[:2]
        if (x[:12] != 0).all():
            upright.append(y[12] < y[10] < y[4] < y[0] and y[12] < y[11] < y[5] < y[1])
    assert np.mean(upright) > 0.9


def test_train_and_test_have_different_characters():
    train, test = (SETTINGS.generator(split).sample_factors(200)['character'] for split in ('train', 'val'))
    assert not set(train.tolist()) & set(test.tolist())


def test_writing_is_reproducible_and_does_not_depend_on_workers(standin, tmp_path):
    write_standin(tmp_path / 'again', SETTINGS, workers=2)
    for path in sorted(standin.rglob('*.json')):
        assert path.read_text() == (tmp_path / 'again' / path.relative_to(standin)).read_text(), path.name


def test_progress_and_finding_it_done(standin, tmp_path):
    seen = []
    write_standin(
        tmp_path / 'a', StandinSettings(train=3, test=2, frames=8), progress=lambda *p: seen.append(p)
    )
    assert seen[0] == (0, 5) and seen[-1] == (5, 5)
    assert write_standin(standin, SETTINGS) is False


def test_an_interrupted_stand_in_is_finished(standin, tmp_path):
    root = tmp_path / 'half'
    write_standin(root, SETTINGS)
    marker = json.loads((root / 'standin.json').read_text())
    (root / 'standin.json').write_text(json.dumps(marker | dict(complete=False)))
    next((root / 'train').glob('*.json')).write_text('{"fra')
    assert write_standin(root, SETTINGS)
    names = sorted(p.name for p in (root / 'train').iterdir())
    assert names == sorted(p.name for p in (standin / 'train').iterdir())
    assert all(json.loads(p.read_text()) for p in root.rglob('*.json'))


def test_foreign_folders_and_other_settings_are_left_alone(standin, tmp_path):
    (tmp_path / 'train').mkdir()
    (tmp_path / 'train' / 'real.json').write_text('{}')
    with pytest.raises(FileExistsError, match='holds no stand-in'):
        write_standin(tmp_path, SETTINGS, overwrite=True)
    assert (tmp_path / 'train' / 'real.json').exists()
    with pytest.raises(FileExistsError, match='other settings'):
        write_standin(standin, StandinSettings(train=3, test=2, frames=8))


def test_bad_settings_are_refused():
    with pytest.raises(ValueError, match='train and test must be'):
        StandinSettings(train=0)
    with pytest.raises(ValueError, match='at least 8 frames'):
        StandinSettings(frames=4)
    with pytest.raises(ValueError, match='unknown motions'):
        StandinSettings(motions=('fly',)).generator('train')


def test_video_ids_have_eleven_characters():
    assert len(standin_video_id('train', 0)) == len(standin_video_id('val', 999999)) == 11
    assert standin_video_id('train', 1) != standin_video_id('val', 1)


def test_the_converter_reads_it_and_knows_it_for_a_stand_in(standin):
    conversion = posetics(standin)
    assert conversion.attributes['standin'] and conversion.attributes['source'] != 'Posetics'
    assert conversion.classes == ['walk', 'drink', 'clap']
    assert len(conversion.jobs) == 42
