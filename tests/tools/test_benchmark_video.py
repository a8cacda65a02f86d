"""tools/analysis/benchmark_video.py."""

from __future__ import annotations

from tests.helpers.training import load_tool
from tests.helpers.videos import TURNS, make_video


def test_readers_are_compared(tmp_path, capsys):
    make_video(tmp_path / 'turned.mp4', matrix=TURNS['quarter'])
    make_video(tmp_path / 'plain.mp4')
    assert load_tool('analysis/benchmark_video.py').main([str(tmp_path), '--repeats', '1']) == 0
    out = capsys.readouterr().out
    plain, turned = out.split('turned.mp4:')
    assert 'plain.mp4:' in plain and all(name in plain for name in ('mmactrep', 'opencv'))
    assert '20 frames of 48 x 64' in turned and '20 frames of 64 x 48' in plain
    rows = [line for line in plain.splitlines() if 'opencv' in line]
    assert rows[0].endswith(', 20 equal')
