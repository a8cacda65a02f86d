"""The rows of every method: what they name exists, and their options are known to their configs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mmactrep.engine.composed_config import compose_config, resolve_config
from mmactrep.engine.overlays import overlay_names
from mmactrep.engine.reproduction import load_rows, methods, places, select_rows
from tests.helpers.config_data import write_all_data

REPO = Path(__file__).resolve().parents[1]


def filled(text: str) -> str:
    """A text with every placeholder replaced by something of its kind."""
    for place in places(text):
        text = text.replace(place.text, '1' if place.kind in ('value', 'seed') else 'some/file.pth')
    return text


def options_in(command: tuple[str, ...], flag: str) -> list[str]:
    """Values of an option of a command line."""
    if flag not in command:
        return []
    rest = command[command.index(flag) + 1 :]
    return list(rest[: next((i for i, part in enumerate(rest) if part.startswith('--')), len(rest))])


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    return write_all_data(tmp_path_factory.mktemp('data'))


@pytest.mark.parametrize('method', methods())
def test_rows_name_configs_overlays_and_tools_that_exist(method):
    rows, tables = load_rows(method)
    assert sorted(select_rows(rows, [])) == sorted(rows)
    for name, row in rows.items():
        assert row.config or row.commands, name
        files = [row.config] if row.config else []
        for command in row.commands:
            assert (REPO / 'tools' / command[0]).is_file(), (name, command[0])
            files += [part[8:-3] for part in command if re.fullmatch(r'configs/.+\.py', part)]
            assert set(options_in(command, '--with')) <= set(overlay_names()), name
        for file in files:
            resolve_config(REPO / 'configs' / f'{file}.py')
        assert set(row.overlays) <= set(overlay_names()), name
    names = [table.place for table in tables]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize('method', methods())
def test_configs_of_rows_take_their_overlays_and_options(method, data, monkeypatch):
    monkeypatch.setenv('MMACTREP_DATA_ROOT', str(data))
    composed = {}
    for name, row in load_rows(method)[0].items():
        if row.config:
            options = {key: filled(value) for key, value in row.options.items()}
            composed[row.config, row.overlays, tuple(sorted(options))] = (name, options)
    assert composed
    for (config, overlays, _), (name, options) in composed.items():
        cfg = compose_config(REPO / f'configs/{config}.py', overlays, options, clip_length=False)
        assert cfg.train_dataloader and cfg.model, name


@pytest.mark.parametrize('method', methods())
def test_places_in_the_readme_are_those_of_tables(method):
    file = REPO / 'configs' / method / 'README.md'
    if not file.is_file():
        pytest.skip(f'{method} has no README yet')
    readme = file.read_text(encoding='utf-8')
    places = re.findall(r'<!-- table: (.+?) -->\n(?:\||Not run yet )', readme)
    assert places and readme.count('<!-- end of table -->') == len(places) == len(set(places))
    assert set(places) <= {table.place for table in load_rows(method)[1]}
