"""The script behind the tables of configs/lac: its rows, listed without running anything."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from mmactrep.engine.composed_config import resolve_config

REPO = Path(__file__).parents[2]


def rows(*selected: str) -> list[str]:
    command = ['bash', 'tools/reproduce_lac.sh', *selected]
    environment = os.environ | dict(LIST='1')
    printed = subprocess.run(command, cwd=REPO, env=environment, check=True, capture_output=True, text=True)
    return printed.stdout.split()


def test_a_stage_a_row_or_everything_can_be_asked_for():
    everything = rows()
    assert len(everything) == len(set(everything)) > 40
    assert rows('pretrain') == [row for row in everything if row.startswith('pretrain/')]
    assert rows('classify/linear_scratch') == ['classify/linear_scratch']
    assert rows('nothing') == []


def test_every_row_has_its_config_and_its_checkpoint_a_row_that_makes_it():
    pretrained = {row.removeprefix('pretrain/') for row in rows('pretrain')}
    names = {f'lac/{name}' for name in pretrained}
    for row in rows('classify', 'segment'):
        stage, name = row.split('/')
        if name == 'tsu-sample':
            names.add('unik/unik_tsu-sample_2d')
            continue
        protocol, checkpoint = re.fullmatch(r'(.+?)_(scratch|lac_unik_.+)', name).groups()
        assert checkpoint in pretrained | {'scratch'}, row
        if stage == 'classify':
            names.add(f'lac/lac_unik_penn_2d_{protocol}')
        else:
            data, protocol = re.fullmatch(r'(.+)_(linear|finetune)(?:_10percent)?', protocol).groups()
            names.add(f'lac/lac_unik_{data}_2d_{protocol}')
    assert names
    for name in names:  # a file, or one with overlays
        resolve_config(REPO / 'configs' / f'{name}.py')


def test_every_row_of_the_ablation_is_pre_trained_and_then_judged():
    names = [row.removeprefix('ablation/') for row in rows('ablation')]
    encoders = [name for name in names if not name.endswith('_linear')]
    assert names == [each for name in encoders for each in (name, f'{name}_linear')]
    assert {name.split('_')[0] for name in encoders} == {'L0', 'L1', 'L2'}


def test_few_labels_are_drawn_as_often_from_scratch_as_after_pre_training():
    names = [row.removeprefix('few-labels/') for row in rows('few-labels')]
    runs, checkpoints = zip(*(re.fullmatch(r'(.+_\d+percent)_(.+)', name).groups() for name in names))
    assert runs[::2] == runs[1::2] and len(set(runs)) == len(runs) / 2 > 1
    assert set(checkpoints[::2]) == {'scratch'}
    assert {f'pretrain/{checkpoint}' for checkpoint in checkpoints[1::2]} <= set(rows('pretrain'))
