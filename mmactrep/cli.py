"""The command ``mmactrep COMMAND ...``; a module of :mod:`mmactrep.commands` does what each command does."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from mmactrep.version import __version__


class Command(NamedTuple):
    """A command: the module with its ``main(argv)``, and what it does, on one line."""

    module: str
    summary: str


#: Every command; one whose module does not exist is left out.
COMMANDS = {
    'train': Command('mmactrep.commands.train', 'train a model of a config'),
    'test': Command('mmactrep.commands.test', 'test a checkpoint on the test data of a config'),
    'teach': Command('mmactrep.commands.teach', 'from your own videos to a tested recognizer and a report'),
    'export': Command('mmactrep.commands.export', 'write a model for ONNX Runtime, or with torch.export'),
    'serve': Command('mmactrep.commands.serve', 'open a page on this machine to try a model on'),
}


def available_commands() -> dict[str, Command]:
    """The commands whose modules exist, in the order of their listing."""
    return {name: each for name, each in COMMANDS.items() if importlib.util.find_spec(each.module)}


def help_text() -> str:
    """What ``mmactrep --help`` prints."""
    commands = available_commands()
    width = max(map(len, commands))
    rows = '\n'.join(f'  {name:<{width}}  {each.summary}' for name, each in commands.items())
    return (
        'usage: mmactrep COMMAND ...\n\n'
        'Action recognition and representation learning from skeletons and videos.\n\n'
        f'commands:\n{rows}\n\n'
        'options:\n'
        f'  {"--help":<{width}}  show this; "mmactrep COMMAND --help" explains a command\n'
        f'  {"--version":<{width}}  show the version'
    )


@contextmanager
def _called(name: str, arguments: list[str]) -> Iterator[None]:
    """Let parsers, and libraries that look at ``sys.argv``, see ``mmactrep NAME`` as the program."""
    before = sys.argv
    sys.argv = [f'mmactrep {name}', *arguments]
    try:
        yield
    finally:
        sys.argv = before


def main(argv: list[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: The command and its arguments. Default: those of the process.

    Returns:
        The exit status: the command's, 2 if there is no such command.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or arguments[0] in ('-h', '--help', 'help'):
        print(help_text())
        return 0
    name, *rest = arguments
    if name == '--version':
        print(f'mmactrep {__version__}')
        return 0
    commands = available_commands()
    if name not in commands:
        near = difflib.get_close_matches(name, commands, n=3, cutoff=0.5) or list(commands)
        print(
            f'mmactrep: error: there is no command {name[:40]!r}; near are: {", ".join(near)}',
            file=sys.stderr,
        )
        return 2
    with _called(name, rest):
        return importlib.import_module(commands[name].module).main(rest) or 0


if __name__ == '__main__':
    sys.exit(main())
