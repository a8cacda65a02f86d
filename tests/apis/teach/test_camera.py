"""Recording by keys, with a video file as the camera."""

import numpy as np
import pytest

from mmactrep.apis.teach.camera import QuitError, Recorder, marked_keys, record, record_examples
from mmactrep.apis.teach.settings import TeachError
from mmactrep.commands import teach as command
from mmactrep.video.frames import VideoFrames
from tests.helpers.brightness_expert import BrightnessExpert
from tests.helpers.videos import make_video


def frames(count=60):
    return [np.full((48, 64, 3), 20 + 10 * (t % 20), np.uint8) for t in range(count)]


def read(path):
    return [frame for _, batch in VideoFrames(str(path)).batches(16) for frame in batch]


def test_a_key_begins_an_example_and_the_same_or_another_one_ends_it(tmp_path):
    pressed = {5: '1', 15: '1', 20: '2', 30: '1', 45: 'x', 50: 't'}
    shown = []
    recorder = Recorder(['wave', 'clap'], tmp_path, fps=10.0)
    record(recorder, frames(), lambda number: pressed.get(number, ''), shown.append)
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob('*.mp4')) == [
        'clap/0001.mp4', 'wave/0001.mp4', 'wave/0002.mp4',
    ]  # fmt: skip
    names = ('wave/0001.mp4', 'clap/0001.mp4', 'wave/0002.mp4')
    wave, clap, second = (read(tmp_path / name) for name in names)
    assert (len(wave), len(clap), len(second)) == (10, 10, 20)  # 5 to 14, 20 to 29, 30 to 49
    np.testing.assert_allclose([frame.mean() for frame in wave], 20 + 10 * np.arange(5, 15), atol=4)
    assert len(shown) == 50 and shown[0].shape == (480, 640, 3)  # the frame of the key t is not shown
    red = shown[10][24, 640 - 24].astype(int) - shown[0][24, 640 - 24]
    assert red[2] > 50  # the mark of a recording


def test_too_few_frames_are_no_example_and_quitting_keeps_what_there_is(tmp_path):
    recorder = Recorder(['a', 'b'], tmp_path, fps=10.0)
    pressed = {0: '1', 12: '1', 20: '2', 24: '2', 30: 'q'}
    with pytest.raises(QuitError, match='the examples are kept'):
        record(recorder, frames(), lambda number: pressed.get(number, ''))
    assert recorder.count('a') == 1 and recorder.count('b') == 0


def test_an_example_never_replaces_another_one(tmp_path):
    recorder = Recorder(['a', 'b'], tmp_path, fps=10.0)
    pressed = {0: '1', 12: '1', 20: '1', 32: '1', 40: '1', 52: '1'}
    record(recorder, frames(), lambda number: pressed.get(number, ''))
    (tmp_path / 'a' / '0001.mp4').unlink()  # it was no good
    kept = (tmp_path / 'a' / '0003.mp4').read_bytes()
    record(recorder, frames(30), lambda number: {0: '1', 25: '1'}.get(number, ''))
    assert sorted(path.name for path in (tmp_path / 'a').iterdir()) == ['0002.mp4', '0003.mp4', '0004.mp4']
    assert (tmp_path / 'a' / '0003.mp4').read_bytes() == kept


def test_marks_of_a_file_in_place_of_keys(tmp_path):
    video = make_video(tmp_path / 'video.mp4', frames())
    record_examples(str(video), ['a', 'b'], tmp_path / 'out', ['a:3-14', 'b:20-31', 'a:33-50'])
    assert [len(read(path)) for path in sorted((tmp_path / 'out').rglob('*.mp4'))] == [12, 18, 12]


@pytest.mark.parametrize(
    ('marks', 'said'),
    [
        (['a3-14'], 'expected CLASS:FIRST-LAST of a, b'),
        (['c:3-14'], 'expected CLASS:FIRST-LAST of a, b'),
        (['a:3-14', 'b:10-20'], "'b:10-20': examples are in the order of time"),
        (['a:9-9'], 'in the order of time'),
    ],
)
def test_marks_that_make_no_sense(marks, said):
    with pytest.raises(TeachError, match=said):
        marked_keys(marks, ['a', 'b'])


@pytest.mark.parametrize('classes', [['a'], ['a', 'a'], ['a', '../b'], [str(k) for k in range(10)]])
def test_classes_that_cannot_be_recorded(classes, tmp_path):
    with pytest.raises(TeachError):
        Recorder(classes, tmp_path)


def test_from_a_camera_to_what_it_recognizes(tmp_path, tiny_recipe, monkeypatch, capsys):
    """The whole command, with a file as the camera and an expert that follows the brightness."""
    from mmactrep.apis.teach import camera, pipeline

    rising = 60 + 4 * (np.arange(60) % 30)
    moving = [np.full((48, 64, 3), value, np.uint8) for value in (*rising, *(240 - rising))]
    video = make_video(tmp_path / 'video.mp4', moving, fps=20.0)
    monkeypatch.setattr(pipeline, 'fastest_experts', lambda: (BrightnessExpert(),))
    live, experts = camera.recognize_live, [BrightnessExpert()]
    monkeypatch.setattr(camera, 'recognize_live', lambda *args: live(*args[:2], experts, args[3]))
    out = tmp_path / 'out'
    argv = ['--camera', str(video), '--classes', 'up, down', '--out', str(out), '--quiet', '--no-window']
    argv += ['--examples', 'up:1-25', 'up:31-55', 'down:61-85', 'down:91-115']
    argv += ['--from', 'none', '--steps', '2', '--processes', '1', '--curve']
    assert command.main(argv) == 0
    said = capsys.readouterr().out
    assert 'up: 2 examples' in said and 'down: 2 examples' in said and 'recognized ' in said
    predictions = [line for line in said.splitlines() if line.startswith('frame ')]
    assert predictions and all(': person ' in line for line in predictions)
    # the same command again records nothing twice
    assert command.main(argv) == 0
    assert len(list((out / 'recorded').rglob('*.mp4'))) == 4
