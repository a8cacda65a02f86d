"""Figures that a run leaves in its logs."""

from __future__ import annotations

import json

import pytest

from mmactrep.engine.run_figures import FigureError, last_logged


def test_a_metric_is_found_in_the_scalars_or_else_in_the_text_of_the_log(tmp_path):
    run = tmp_path / '20260101_000000'
    (run / 'vis_data').mkdir(parents=True)
    lines = [{'acc/top1': 0.5, 'step': 1}, {'acc/top1': 0.75, 'step': 2}, {'loss': 1.0}]
    (run / 'vis_data' / 'scalars.json').write_text('\n'.join(map(json.dumps, lines)))
    (run / 'a.log').write_text(
        'INFO - acc/top1: 0.1 of another place\n'
        'INFO - knn/top1: 0.8118 (5 nearest of 1258 clips)\n'
        'INFO - knn/top10: 0.9\n'
        'INFO - knn/top1: 0.8792 (5 nearest of 1258 clips)\n'
    )
    assert last_logged(tmp_path, 'acc/top1') == 0.75
    assert last_logged(tmp_path, 'knn/top1') == 0.8792
    with pytest.raises(FigureError, match='logged no acc/top5'):
        last_logged(tmp_path, 'acc/top5')
