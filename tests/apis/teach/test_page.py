"""The commands that a report shows."""

import html
import re
import shlex

from mmactrep.apis.teach import report_data
from mmactrep.apis.teach.page import write_report_page
from mmactrep.cli import COMMANDS
from mmactrep.commands.demo import parse_args


def test_the_commands_run_wherever_the_model_is(tmp_path):
    report = report_data.TeachReport(
        'a title', ['a', 'b'], [2, 2], [report_data.PartResult('test', 2, 2, 2, 'none', 60)], [0, 1], [0, 1]
    )
    model = "work dirs/Tom's & more/MODEL"
    page = write_report_page(tmp_path / 'report.html', report, lambda clip: b'', model)
    shown = [html.unescape(code) for code in re.findall('<code>(.+?)</code>', page.read_text())]
    commands = [shlex.split(code) for code in shown if code.startswith('mmactrep ')]
    assert len(commands) == 2
    for _, name, *arguments in commands:
        assert name == 'demo' and name in COMMANDS and parse_args(arguments).config == model
    python = next(code for code in shown if 'SkeletonInferencer' in code)
    assert eval(python, dict(SkeletonInferencer=lambda path: lambda video: _Result(path))) == model


class _Result:
    def __init__(self, labels):
        self.labels = labels
