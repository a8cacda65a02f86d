"""Every number on every command line is bounded: what is no such number ends in one line and exit code 2."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.training import REPO, load_tool

TOOLS = sorted(path for folder in ('tools', 'demo') for path in (REPO / folder).rglob('*.py'))
NO_NUMBERS = ('many', '', 'nan', 'inf', '-inf', '1e999', '0x10', '9' * 5000)
OUT_OF_BOUNDS = (str(-(10**9)), str(10**12))


class Captured(Exception):
    """Carries a parser out of the tool that made it."""


def parser_of(path: Path, monkeypatch: pytest.MonkeyPatch) -> argparse.ArgumentParser | None:
    """The parser of a tool, as it is when the tool reads its arguments; None for a tool without."""

    def capture(self, args=None, namespace=None):
        raise Captured(self)

    tool = load_tool(str(path))
    with monkeypatch.context() as patch:
        patch.setattr(argparse.ArgumentParser, 'parse_args', capture)
        patch.setattr(argparse.ArgumentParser, 'parse_known_args', capture)
        with pytest.raises(Captured) as caught:
            tool.main([])
    return caught.value.args[0]


def numbers_of(
    parser: argparse.ArgumentParser, command: tuple[str, ...] = ()
) -> Iterator[tuple[argparse.ArgumentParser, argparse.Action]]:
    """The arguments that are numbers, those of subcommands too, with the parser that has them."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, child in action.choices.items():
                yield from numbers_of(child, (*command, name))
        elif action.type is not None and is_number(action.type):
            yield parser, action


def is_number(kind) -> bool:
    """Whether a type makes numbers alone; ``--folds`` takes one, or a regular expression."""
    with contextlib.suppress(ValueError, argparse.ArgumentTypeError):
        if isinstance(kind('word'), str):
            return False
    return isinstance(parsed(kind), (int, float))


def parsed(kind) -> object:
    """What a type makes of the first of some texts that it takes."""
    for text in ('1', '0.5', '100'):
        with contextlib.suppress(ValueError, argparse.ArgumentTypeError):
            return kind(text)
    return None


@pytest.mark.parametrize('path', TOOLS, ids=lambda path: str(path.relative_to(REPO)))
def test_numbers_are_bounded(path, monkeypatch, capsys):
    for parser, action in numbers_of(parser_of(path, monkeypatch)):
        assert action.type not in (int, float), f'{action.dest}: take a type of mmactrep.arguments'
        count = action.nargs if isinstance(action.nargs, int) else 1
        name = action.option_strings[0] if action.option_strings else action.dest
        for value in NO_NUMBERS + OUT_OF_BOUNDS:
            capsys.readouterr()
            if action.option_strings and count == 1:
                arguments = [f'{name}={value}']
            else:
                arguments = [*action.option_strings[:1], *[value] * count]
            with pytest.raises(SystemExit) as end:
                parser.parse_args(arguments)
            error = capsys.readouterr().err.splitlines()[-1]
            assert end.value.code == 2, (name, value)
            assert 'error: argument' in error and name in error and 'expected' in error, error
            assert len(error) < 300, error


def test_the_tools_have_numbers():
    """The test above looks at something."""
    assert len(TOOLS) > 30
