import re
import shutil

import numpy as np
import pytest

from mmactrep.apis import ActionRecognizer, SkeletonInferencer
from mmactrep.apis.teach import pipeline
from mmactrep.apis.teach.settings import TeachError
from mmactrep.store.reader import SkeletonStore
from mmactrep.store.writer import SkeletonStoreWriter
from tests.helpers.inference_fakes import FakeEstimator


def test_from_a_folder_of_videos_to_a_report_and_a_recognizer(taught, read_report, videos):
    made, report, _ = taught()
    assert report.classes == ['falling', 'rising'] and report.counts == [3, 3]
    # three clips of each class: three folds, every clip tested once
    assert [part.tested for part in report.parts] == [2, 2, 2] and len(report.labels) == 6
    told = read_report(made)
    assert told['accuracy'] == pytest.approx(report.right / 6) and np.sum(told['confusion']) == 6
    page = made.page.read_text()
    assert f'{report.accuracy:.1%} recognized' in page and 'rising' in page
    assert page.count('data:image/webp;base64,') == len(report.wrong)
    assert (
        'src="http' not in page and '<script' not in page and '<link' not in page
    )  # opens without a network
    assert sorted(path.name for path in made.model.iterdir()) == [
        'checkpoint.pth', 'classes.txt', 'config.py', 'layout.json', 'model.json',
    ]  # fmt: skip
    assert (made.model / 'classes.txt').read_text().split() == report.classes

    recognizer = ActionRecognizer(made.model)
    assert recognizer.classes == report.classes and recognizer.rejection is not None
    store = SkeletonStore(made.store)
    assert recognizer([store[0], store[3]]).shape == (2, 2)
    # the inferencer takes the folder and says when a motion is none of the classes
    result = SkeletonInferencer(made.model, estimator=FakeEstimator(30))(
        np.full((30, 48, 64, 3), 90, np.uint8)
    )
    assert set(result.to_dict()) >= {'unknown', 'doubt', 'verdict'}
    assert result.to_dict()['unknown'] in (True, False)


def test_the_same_call_again_repeats_nothing_and_new_videos_alone_are_extracted(taught, videos, tmp_path):
    from tests.helpers.brightness_expert import BrightnessExpert
    from tests.helpers.videos import make_video

    log = tmp_path / 'log.txt'
    experts = (BrightnessExpert(log=str(log)),)
    made, report, _ = taught(experts=experts)
    assert len(log.read_text().splitlines()) == 6
    stamps = {path: path.stat().st_mtime_ns for path in made.runs.rglob('result.npz')}
    _, again, _ = taught(experts=experts)
    assert again.predictions == report.predictions
    assert {path: path.stat().st_mtime_ns for path in made.runs.rglob('result.npz')} == stamps
    assert len(log.read_text().splitlines()) == 6

    for name, value in dict(rising=70, falling=150).items():
        frames = [
            np.full((48, 64, 3), value + 3 * t * (1 if name == 'rising' else -1), np.uint8) for t in range(20)
        ]
        make_video(videos / name / 'new.mp4', frames)
    _, more, said = taught(experts=experts)
    assert log.read_text().splitlines()[6:] == ['new.mp4', 'new.mp4'] and more.counts == [4, 4]
    assert 'poses of 6 clips were there, those of 2 are new' in said


def test_a_given_split_is_taken_and_the_model_is_trained_on_its_training_clips(taught, videos, tmp_path):
    rows = ['path,label,split']
    rows += [
        f'{name}/clip{k}.mp4,{name},{"test" if k == 2 else "train"}'
        for name in ('rising', 'falling')
        for k in range(3)
    ]
    shutil.copyfile(videos / 'rising' / 'clip0.mp4', videos / 'rising' / 'other.mp4')
    rows.append('rising/other.mp4,rising,')
    (videos / 'list.csv').write_text('\n'.join(rows))
    made, report, said = taught(source=str(videos / 'list.csv'))
    assert [(part.name, part.trained, part.tested) for part in report.parts] == [('given', 4, 2)]
    left_out = '1 of 7 clips are in neither part of the given split and were left out: rising/other'
    assert report.notes[0].startswith(left_out) and any(left_out in line for line in said)
    assert left_out in made.page.read_text()
    store = SkeletonStore(made.store)
    assert sorted(store.ids[row] for row in store.split('given_test')) == ['falling/clip2', 'rising/clip2']


@pytest.mark.parametrize(
    ('asked', 'said'),
    [
        (dict(groups='x'), "clip 'falling/clip0' does not match 'x'"),
        (dict(folds='^(.)'), "part 'f' tests falling, of which there is no training clip"),
        (dict(groups='^(.)'), "all clips of class 'falling' come from one video or group"),
    ],
)
def test_what_cannot_be_divided_is_told_before_poses_are_extracted(asked, said, taught, settings, tmp_path):
    from tests.helpers.brightness_expert import BrightnessExpert

    log = tmp_path / 'log.txt'
    with pytest.raises(TeachError, match=re.escape(said)):
        taught(experts=(BrightnessExpert(log=str(log)),), **asked)
    assert not log.exists()


def test_a_video_is_no_folder_of_videos(taught, videos):
    with pytest.raises(TeachError, match=r'clip0.mp4: one video; expected a folder with a folder of videos'):
        taught(source=str(videos / 'rising' / 'clip0.mp4'))


@pytest.mark.parametrize('kind', ['single', 'black', 'twins', 'one class'])
def test_what_cannot_be_taught_is_told_before_anything_is_trained(kind, taught, videos, settings):
    from tests.helpers.videos import make_video

    if kind == 'single':
        for k in (1, 2):
            (videos / 'rising' / f'clip{k}.mp4').unlink()
        said = r"two clips or more of each class.*these have fewer: 'rising' \(1\)"
    elif kind == 'black':
        for path in videos.rglob('*.mp4'):
            make_video(path, [np.zeros((48, 64, 3), np.uint8)] * 20)
            (path.parent / 'x').unlink(missing_ok=True)
        for number, path in enumerate(sorted(videos.rglob('*.mp4'))):  # not the same content
            make_video(path, [np.zeros((48, 64, 3), np.uint8)] * (20 + number))
        said = 'nobody was found in any clip'
    elif kind == 'twins':
        content = (videos / 'rising' / 'clip0.mp4').read_bytes()
        (videos / 'falling' / 'clip1.mp4').write_bytes(content)
        said = (
            r"classes 'falling' and 'rising' have 1 clip\(s\) in common.*falling/clip1.mp4.*rising/clip0.mp4"
        )
    else:
        for path in (videos / 'rising').iterdir():
            path.unlink()
        (videos / 'rising').rmdir()
        said = "two classes or more to tell apart, found only 'falling'"
    with pytest.raises(TeachError, match=said):
        taught()
    assert not settings().runs.exists()


def test_a_class_without_a_body_is_told(settings, tiny_recipe, videos):
    from tests.helpers.videos import make_video

    for number, path in enumerate(sorted((videos / 'rising').iterdir())):
        make_video(path, [np.zeros((48, 64, 3), np.uint8)] * (20 + number))
    said = []
    with pytest.raises(TeachError, match=r"two clips with a body or more.*these have fewer: 'rising' \(0\)"):
        pipeline.teach(settings(), said.append)
    assert any('left out: ' in line and line.endswith('and 2 more') for line in said), said


def test_two_persons_of_a_store_are_one_sample(taught, tmp_path):
    rng = np.random.default_rng(0)
    root = tmp_path / 'store'
    with SkeletonStoreWriter(root, 'coco17', ['near', 'far']) as writer:
        for k in range(8):
            body = rng.uniform(0, 60, (1, 1, 17, 2)) + 2 * np.arange(12)[None, :, None, None]
            pair = np.concatenate([body, body + (90 if k % 2 else 20)]) + 50
            writer.add(f'clip{k}', pair.astype(np.float32), label=k % 2, img_shape=(240, 320), fps=10)
        writer.finish()
    made, report, _ = taught(source=str(root), folds=2)
    assert report.counts == [4, 4] and [part.tested for part in report.parts] == [4, 4]
    assert report.without_body == [] and SkeletonStore(made.store).layout.name == 'posetics17'  # mapped

    infer = SkeletonInferencer(made.model, estimator=FakeEstimator(60, persons=2))
    assert infer.recognizer.together and infer.recognizer.num_person == 2
    result = infer(np.zeros((40, 48, 64, 3), np.uint8))
    assert result.windows and not any(person.windows for person in result.persons)
    # the order of the persons makes no difference
    clip = SkeletonStore(root)[0]
    swapped = dict(clip, keypoint=clip['keypoint'][::-1], keypoint_score=clip['keypoint_score'][::-1])
    one, other = infer.recognizer([dict(clip, layout='coco17'), dict(swapped, layout='coco17')])
    np.testing.assert_allclose(one, other, atol=1e-6)
    results = list(infer.stream(window=16, drop=False).run(np.zeros((30, 48, 64, 3), np.uint8)))
    said = [list(result.scores.values()) for result in results if result.scores]
    assert said and all(len(rows) == 2 and rows[0] == rows[1] for rows in said)


def test_stores_that_cannot_be_trained_on(taught, tmp_path):
    with SkeletonStoreWriter(tmp_path / 'solid', 'coco17', ['a', 'b'], num_channels=3) as writer:
        for k in range(4):
            writer.add(f'{k}', np.ones((1, 5, 17, 3), np.float32), np.ones((1, 5, 17)), label=k % 2)
        writer.finish()
    with pytest.raises(TeachError, match='expected 2D skeletons, found 3D'):
        taught(source=str(tmp_path / 'solid'))
    with SkeletonStoreWriter(tmp_path / 'flat', 'coco17') as writer:
        for k in range(4):
            writer.add(f'{k}', np.ones((1, 5, 17, 2), np.float32) * (k + 1), np.ones((1, 5, 17)))
        writer.finish()
    with pytest.raises(TeachError, match='4 clips have no class'):
        taught(source=str(tmp_path / 'flat'))
