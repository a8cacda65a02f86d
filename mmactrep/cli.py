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


_HERE = 'mmactrep.commands'
#: Every command; one whose module does not exist is left out.
COMMANDS = {
    'demo': Command(f'{_HERE}.demo', 'recognize the actions in videos, or in a camera or stream'),
    'skeletons': Command(f'{_HERE}.skeletons', 'recognize the actions in skeleton files'),
    'segment': Command(f'{_HERE}.segment', 'find which action happens when, in videos or skeletons'),
    'compose': Command(f'{_HERE}.compose', 'compose two motions, and exchange their bodies and views'),
    'edit': Command(f'{_HERE}.edit', 'edit motions with a generator: compose, retarget, walk its codes'),
    'search': Command(f'{_HERE}.search', 'find clips of a store by a sentence'),
    'teach': Command(f'{_HERE}.teach', 'from your own videos to a tested recognizer and a report'),
    'serve': Command(f'{_HERE}.serve', 'open a page on this machine to try a model on'),
    'extract': Command(f'{_HERE}.extract', 'extract the poses of videos into a store'),
    'experts': Command('mmactrep.pose.experts.survey', 'list the pose experts, or time them on a video'),
    'build': Command(f'{_HERE}.build', 'build a data set from videos: poses, labels, splits, statistics'),
    'convert': Command('mmactrep.datasets.converters.cli', 'convert a public data set into a store'),
    'standin': Command(f'{_HERE}.standin', 'generate a stand-in for Posetics'),
    'annotate': Command('mmactrep.datasets.video.annotations.cli', 'write the lists of a data set of videos'),
    'cache': Command(f'{_HERE}.cache', 'decode videos once, to small frames for training'),
    'features': Command(f'{_HERE}.features', 'extract features of texts and videos for training'),
    'merge': Command(f'{_HERE}.merge', 'merge the parts of a store that several processes wrote'),
    'verify': Command(f'{_HERE}.verify', 'check that stores are intact'),
    'browse': Command(f'{_HERE}.browse', 'draw clips of a data set, as they are or after augmentation'),
    'train': Command(f'{_HERE}.train', 'train a model of a config'),
    'test': Command(f'{_HERE}.test', 'test a checkpoint on the test data of a config'),
    'calibrate': Command(f'{_HERE}.calibrate', 'let a model say when a motion is none of its classes'),
    'rejection': Command(f'{_HERE}.rejection', 'how many motions of other classes a model takes for its own'),
    'zero-shot': Command(f'{_HERE}.zero_shot', 'test on classes that were not trained on'),
    'fuse': Command(f'{_HERE}.fuse', 'fuse score files of several streams; confusion matrix'),
    'export': Command(f'{_HERE}.export', 'write a model for ONNX Runtime, or with torch.export'),
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
        near = difflib.get_close_matches(name, commands, n=3, cutoff=0.6) or list(commands)
        print(
            f'mmactrep: error: there is no command {name[:40]!r}; near are: {", ".join(near)}',
            file=sys.stderr,
        )
        return 2
    with _called(name, rest):
        return importlib.import_module(commands[name].module).main(rest) or 0


if __name__ == '__main__':
    sys.exit(main())
