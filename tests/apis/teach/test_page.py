"""What a report says: its commands, and its advice."""

import html
import re
import shlex

import pytest

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
    assert [name for _, name, *_ in commands] == ['demo', 'demo'] and 'demo' in COMMANDS
    for _, _, *arguments in commands:
        assert parse_args(arguments).config == model
    python = next(code for code in shown if 'SkeletonInferencer' in code)
    assert eval(python, dict(SkeletonInferencer=lambda path: lambda video: _Result(path))) == model


class _Result:
    def __init__(self, labels):
        self.labels = labels


def report_of(right_with_fewer, right_with_all, tested, labels=(0, 1)):
    """A report whose learning curve has two points."""
    curve = [
        report_data.CurvePoint(0.5, 24, right_with_fewer, tested),
        report_data.CurvePoint(1.0, 54, right_with_all, tested),
    ]
    part = report_data.PartResult('test', 2, 2, 2, 'none', 60)
    return report_data.TeachReport('a title', ['a', 'b'], [2, 2], [part], [*labels], [*labels], curve=curve)


@pytest.mark.parametrize(
    ('fewer', 'everything', 'tested', 'said'),
    [
        (40, 55, 60, 'more clips should raise it further'),
        (11, 12, 12, 'too few to tell whether more clips help'),  # a single clip
        (30, 33, 60, 'too few to tell whether more clips help'),
        (12, 12, 12, 'more clips of the same kind will hardly help'),
        (12, 11, 12, 'more clips of the same kind will hardly help'),
    ],
)
def test_advice_on_more_clips_rests_on_more_than_a_clip(fewer, everything, tested, said):
    told = report_data.advice(report_of(fewer, everything, tested))
    assert said in told
    assert (
        f'54 training clips in place of 24, {everything} in place of {fewer} of {tested} test clips' in told
    )


def test_a_curve_of_part_of_the_test_clips_says_so(tmp_path):
    pages = [
        write_report_page(tmp_path / f'{k}.html', report_of(1, 2, 2, labels), lambda clip: b'', 'MODEL')
        for k, labels in enumerate([(0, 1), (0, 1, 1, 0)])
    ]
    whole, part = (page.read_text() for page in pages)
    assert 'Shares of the test clips; bars' in whole
    assert 'of which these trainings tested 2 of the 4' in part
