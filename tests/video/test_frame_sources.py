"""Cameras, addresses and files as sources of frames."""

from __future__ import annotations

import http.server
import socket
import threading

import cv2
import numpy as np
import pytest

from mmactrep.errors import InferenceError
from mmactrep.video.frame_sources import StreamError, capture_frames, open_frames
from mmactrep.video.frames import VideoFrames
from tests.helpers.videos import TURNS, brightness, make_video


@pytest.fixture
def serve():
    """Serves bytes at an address; ``promised`` is the length that it claims."""
    servers = []

    def start(content: bytes, promised: int | None = None) -> str:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header('Content-Type', 'video/mp4')
                if promised is not None:
                    self.send_header('Content-Length', str(promised))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f'http://127.0.0.1:{server.server_port}/video'

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_stream_is_turned_as_a_file_is(tmp_path, serve):
    content = make_video(tmp_path / 'phone.mp4', matrix=TURNS['quarter']).read_bytes()
    source = open_frames(serve(content, len(content)))
    assert source.fps is None
    frames = list(source.frames)
    assert len(frames) == 20 and frames[0].shape == (64, 48, 3)
    np.testing.assert_allclose(brightness(frames), np.arange(20), atol=0.8)


@pytest.mark.parametrize('known', [True, False])
@pytest.mark.parametrize('name', ['a.mkv', 'a.ts'])
def test_a_stream_that_breaks_off_is_told_behind_its_last_frame(tmp_path, serve, name, known):
    whole = make_video(tmp_path / name, g='5').read_bytes()
    cut = whole[: len(whole) * 2 // 3]
    address = serve(cut, len(whole) if known else None)
    frames = []
    with pytest.raises(StreamError, match=r'http://127\.0\.0\.1'):
        for frame in capture_frames(address):
            frames.append(frame)  # noqa: PERF402  those before the error count
    assert 3 < len(frames) < 20
    np.testing.assert_allclose(brightness(frames[:-1]), np.arange(len(frames) - 1), atol=0.8)


def test_whole_streams_end_without_a_word(tmp_path, serve):
    for name in ('a.mkv', 'a.ts', 'a.mp4'):
        content = make_video(tmp_path / name, movflags='faststart').read_bytes()
        assert len(list(capture_frames(serve(content, len(content))))) == 20
    source = open_frames(serve(content, len(content)))
    assert source.fps is None and source.rate == VideoFrames(tmp_path / name).fps
    source.close()


def test_what_does_not_answer_is_told(serve):
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        address = f'http://127.0.0.1:{free.getsockname()[1]}/video'
    with pytest.raises(InferenceError, match=f'stream {address} cannot be opened: Connection refused'):
        open_frames(address)
    with pytest.raises(InferenceError, match='cannot be opened: Invalid data'):
        open_frames(serve(b'no video at all' * 20, 300))


def test_some_frames_of_a_source(tmp_path):
    path = make_video(tmp_path / 'a.mp4')
    assert len(list(capture_frames(str(path), max_frames=7))) == 7
    assert len(list(capture_frames(str(path)))) == 20
    with pytest.raises(FileNotFoundError, match=r'absent\.mp4: no such file'):
        next(capture_frames(tmp_path / 'absent.mp4'))


def test_a_camera_never_ends_by_itself(monkeypatch):
    class Camera:
        left, stated = 3, 30.0

        def __init__(self, number):
            assert number == 0

        def isOpened(self):
            return True

        def read(self):
            self.left -= 1
            return (True, np.zeros((4, 4, 3), np.uint8)) if self.left >= 0 else (False, None)

        def get(self, what):
            assert what == cv2.CAP_PROP_FPS
            return self.stated

        def release(self):
            self.left = -1

    monkeypatch.setattr(cv2, 'VideoCapture', Camera)
    for Camera.stated, rate in ((30.0, 30.0), (0.0, None), (-1.0, None), (90000.0, None)):
        source = open_frames('0')
        source.close()
        assert source.fps is None and source.rate == rate
    frames = []
    with pytest.raises(StreamError, match='camera 0 gives no more frames'):
        for frame in capture_frames('0'):
            frames.append(frame)  # noqa: PERF402
    assert len(frames) == 3
