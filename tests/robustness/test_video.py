"""Videos that are broken, hostile or none, and lists of them: refused in one line each, none ends a batch."""

from __future__ import annotations

import io
import os
import struct
import wave
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from PIL import Image

from mmactrep.pose.extraction.report import read_skipped
from mmactrep.store.reader import SkeletonStore
from mmactrep.video.frames import VideoError, VideoFrames
from tests.helpers.refusals import assert_refused, run_here
from tests.helpers.videos import boxes, bright_frames, make_video


def text(path):
    path.write_text('no video at all\n' * 100)


def noise(path):
    path.write_bytes(np.random.default_rng(0).bytes(5000))


def playlist(path):
    path.write_text('#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n')


def concat(path):
    path.write_text('ffconcat version 1.0\nfile /etc/hostname\n')


def sound(path):
    with wave.open(str(path), 'wb') as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(bytes(16000))


def sound_in_a_video_container(path):
    with av.open(str(path), 'w') as out:
        stream = out.add_stream('aac', rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.float32), format='fltp', layout='mono')
        frame.sample_rate = 8000
        out.mux(stream.encode(frame))
        out.mux(stream.encode())


def cut(share):
    def make(path):
        make_video(path)
        path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])

    return make


def without_index(path):
    make_video(path)
    content = path.read_bytes()
    (place,) = (place for name, place, _ in boxes(content) if name == b'moov')
    path.write_bytes(content[:place])


def index_without_frames(path):
    make_video(path)
    content = path.read_bytes()
    kept = [content[place : place + size] for name, place, size in boxes(content) if name != b'mdat']
    path.write_bytes(b''.join(kept))


def frames_of_zeros(path):
    make_video(path)
    content = bytearray(path.read_bytes())
    ((place, size),) = ((place, size) for name, place, size in boxes(content) if name == b'mdat')
    content[place + 8 : place + size] = bytes(size - 8)
    path.write_bytes(content)


def huge_picture(path):
    content = io.BytesIO()
    pictures = [Image.fromarray(frame) for frame in bright_frames(5)]
    pictures[0].save(content, 'gif', save_all=True, append_images=pictures[1:])
    content = bytearray(content.getvalue())
    content[6:10] = struct.pack('<HH', 65535, 65535)
    path.write_bytes(content)


def huge_jpegs(path):
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 10, (64, 48))
    for frame in bright_frames(5):
        writer.write(frame)
    writer.release()
    content = path.read_bytes()
    header = b'\xff\xc0\x00\x11\x08'
    assert content.count(header) == 5
    path.write_bytes(content.replace(header + struct.pack('>HH', 48, 64), header + b'\xff\xf0\xff\xf0'))


def oblong(path):
    make_video(path, pixel_aspect=Fraction(20))


def leaping_clock(path):
    make_video(path, fps=10, ticks=[*range(10), *range(954430, 954440)])


def slow_clock(path):
    make_video(path, bright_frames(3), fps=0.05, ticks=[0, 1, 2])


def changing_size(path):
    small = make_video(path.with_name('small.ts'), bright_frames(5, (48, 64)), codec='mpeg2video')
    large = make_video(path.with_name('large.ts'), bright_frames(5, (96, 64)), codec='mpeg2video')
    path.write_bytes(small.read_bytes() + large.read_bytes())
    for part in (small, large):
        part.unlink()


BAD = {
    'empty.mp4': (lambda path: path.write_bytes(b''), 'the file is empty'),
    'folder.mp4': (lambda path: path.mkdir(), 'expected a video file, found a folder'),
    'text.mp4': (text, 'no video that can be read: .*moov atom not found'),
    'text.mkv': (text, 'no video that can be read: expected a file with a video stream'),
    'noise.avi': (noise, 'no video that can be read'),
    'playlist.mov': (playlist, 'no video that can be read'),
    'playlist.mkv': (playlist, 'no video that can be read'),
    'concat.mpg': (concat, r'no video that can be read: .*it is no video file \(concat\)'),
    'sound.avi': (sound, r'no video that can be read: .*it is no video file \(wav\)'),
    'sound.mp4': (sound_in_a_video_container, 'no video that can be read: .*there is audio in it'),
    'cut.mp4': (cut(0.6), 'truncated video: expected at least'),
    'cut.mkv': (cut(0.6), 'truncated video: expected at least'),
    'start.mkv': (cut(0.02), 'no video that can be read|truncated video'),
    'no_index.mp4': (without_index, "truncated video: it has media data, but no index"),
    'no_frames.mp4': (index_without_frames, 'the video has no frames|damaged or truncated video'),
    'zeros.mp4': (frames_of_zeros, 'the video has no frames: cannot decode frame 0'),
    'huge.gif': (huge_picture, 'the video has no frames|expected pictures of 1 to 67,108,864 pixels'),
    'huge.avi': (huge_jpegs, 'Picture size 65520x65520 is invalid|expected pictures of 1 to'),
    'oblong.mp4': (oblong, 'expected pixels at most 8 times as wide .* found a pixel aspect ratio of 20'),
    'leap.mp4': (leaping_clock, r'its clock leaps from 0\.9 to 95443\.0 s at frame 10'),
    'slow.mp4': (slow_clock, r'expected 0\.5 to 1000 frames per second, found 0\.05'),
    'sizes.ts': (changing_size, 'its pictures change from 64 x 48 to 64 x 96 at frame'),
}  # fmt: skip


@pytest.fixture
def bad(tmp_path):
    folder = tmp_path / 'videos'
    folder.mkdir()

    def make(name):
        path = folder / name
        BAD[name][0](path)
        return path

    return make


@pytest.mark.parametrize('name', BAD)
def test_a_bad_video_is_refused_in_a_line_that_names_it(bad, name):
    path = bad(name)
    with pytest.raises(VideoError, match=BAD[name][1]) as error:
        list(VideoFrames(path))
    message = str(error.value)
    assert message.startswith(str(path)) and '\n' not in message and len(message) < 600


@pytest.fixture
def experts(tmp_path):
    config = tmp_path / 'experts.py'
    config.write_text(
        "custom_imports = dict(imports=['tests.helpers.brightness_expert'])\n"
        "experts = [dict(type='BrightnessExpert')]\n"
    )
    return config


@pytest.mark.parametrize('flags', [(), ('--skip-bad',)])
def test_none_of_them_stops_a_batch(bad, tmp_path, capsys, experts, flags):
    names = [name for name in BAD if name not in ('folder.mp4', 'huge.gif')]  # a folder search passes them
    paths = [bad(name) for name in names]
    latin = os.path.join(os.fsencode(tmp_path / 'videos'), b'caf\xe9.mp4')
    os.rename(make_video(tmp_path / 'videos' / 'good.mp4'), latin)
    cut_one = os.path.join(os.fsencode(tmp_path / 'videos'), b'cut\xe9.mp4')
    os.rename(paths[names.index('cut.mp4')], cut_one)
    arguments = [tmp_path / 'videos', '--out', tmp_path / 'store', '--experts', experts, '--quiet', *flags]
    done = run_here(capsys, 'extract_poses.py', arguments)
    assert done.code == (0 if flags else 3) and 'Traceback' not in done.err
    assert list(SkeletonStore(tmp_path / 'store').ids) == ['caf%E9.mp4']
    skipped = read_skipped(tmp_path / 'store.skipped.txt')
    assert len(skipped) == len(names) and r'cut\udce9.mp4: truncated video' in skipped['cut%E9.mp4']
    assert f'skipped {len(names)} videos, listed in' in done.out


def test_damaged_videos_can_be_kept(tmp_path, capsys, experts):
    cut(0.8)(tmp_path / 'cut.mkv')
    make_video(tmp_path / 'whole.mp4')
    arguments = [tmp_path, '--out', tmp_path / 'store', '--experts', experts, '--quiet', '--keep-damaged']
    done = run_here(capsys, 'extract_poses.py', arguments)
    assert done.code == 0
    assert 'warning: cut: the video is damaged: expected at least' in done.err
    store = SkeletonStore(tmp_path / 'store')
    assert list(store.ids) == ['cut', 'whole'] and 0 < store[0]['total_frames'] < 20


def test_an_uneven_video_is_told(tmp_path, capsys, experts):
    make_video(tmp_path / 'uneven.mp4', bright_frames(8), fps=10, ticks=[0, 1, 2, 6, 7, 12, 13, 20])
    arguments = [tmp_path / 'uneven.mp4', '--out', tmp_path / 'store', '--experts', experts, '--quiet']
    done = run_here(capsys, 'extract_poses.py', arguments)
    assert done.code == 0
    assert (
        'warning: uneven: its 8 frames are at uneven times, 2.00 s in all; they are resampled to 10'
        in done.err
    )
    clip = SkeletonStore(tmp_path / 'store')[0]
    assert clip['total_frames'] == 21 and clip['fps'] == 10


def test_a_single_frame_is_a_video(tmp_path, capsys, experts):
    path = make_video(tmp_path / 'one.mp4', bright_frames(1))
    video = VideoFrames(path)
    assert len(list(video)) == video.num_frames == len(list(video.at_constant_rate())) == 1
    arguments = [path, '--out', tmp_path / 'store', '--experts', experts, '--quiet']
    assert_refused(run_here(capsys, 'extract_poses.py', arguments), 'none of the 1 videos gave a clip')
    assert run_here(capsys, 'extract_poses.py', [*arguments, '--min-length', '1']).code == 0


@pytest.mark.parametrize(
    ('content', 'pattern'),
    [
        (b'', 'no videos'),
        (b'# nothing\n\n', 'no videos'),
        (b'\x00\x01\x02', 'list.txt: expected a list of videos in UTF-8: found NUL bytes'),
        (b'\xff\xfe\x00', 'list.txt: expected a list of videos in UTF-8'),
        (b'a.mp4,walk\nb.mp4;walk\n', r'list.txt:2: the path is followed by a semicolon'),
        (b'a.mp4,walk,train,x\n', r"list.txt:1: expected 'path,label,split' at most"),
        (b'a.mp4,"walk\n', r'list.txt:1: expected fields, with quotes in pairs'),
        (b'a.mp4,run\n', r"list.txt:1: expected one of 2 classes or their index, found 'run'"),
        (b'a.mp4,' + b'9' * 5000 + b'\n', r'list.txt:1: expected one of 2 classes'),
        (b'a.mp4,walk,../../x\n', r'list.txt:1: the name of a split consists of'),
        (b'a.mp4\na.mp4\n', r'a.mp4 is named 2 times'),
        (b'v' * 2000 + b'.mp4\n', 'the name of a clip has more than 1000 bytes'),
    ],
)  # fmt: skip
def test_broken_lists(tmp_path, capsys, experts, content, pattern):
    (tmp_path / 'list.txt').write_bytes(content)
    (tmp_path / 'classes.txt').write_text('walk\nsit\n')
    arguments = [tmp_path / 'list.txt', '--classes', tmp_path / 'classes.txt', '--experts', experts]
    done = run_here(capsys, 'extract_poses.py', [*arguments, '--out', tmp_path / 'store', '--quiet'])
    assert_refused(done, pattern)
    assert not (tmp_path / 'store').exists() and not (tmp_path / 'store.partial').exists()


@pytest.mark.parametrize(
    ('argument', 'value'),
    [('--clip-length', '-1'), ('--min-length', '0'), ('--max-persons', '0'), ('--fill-gap', '-2'),
     ('--batch-size', '0'), ('--min-confidence', 'nan')],
)  # fmt: skip
def test_arguments_without_sense(tmp_path, capsys, argument, value):
    done = run_here(capsys, 'extract_poses.py', [tmp_path, '--out', tmp_path / 'store', argument, value])
    assert_refused(done, rf'argument {argument}: expected a')


def test_one_pose_file_for_several_videos(tmp_path, capsys):
    for name in ('a', 'b'):
        make_video(tmp_path / f'{name}.mp4', bright_frames(6))
    np.savez(tmp_path / 'poses.npz', keypoint=np.ones((6, 17, 2), np.float32), layout='coco17')
    arguments = [
        tmp_path,
        '--out',
        tmp_path / 'store',
        '--experts',
        f'{tmp_path}/poses.npz@coco17',
        '--quiet',
    ]
    assert_refused(
        run_here(capsys, 'extract_poses.py', arguments), r'are 2 videos: give a path with \{stem\}'
    )
