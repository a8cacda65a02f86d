"""What the command lines share: bounded numbers, and errors in one line."""

from __future__ import annotations

import argparse
import math

import pytest

from mmactrep.arguments import describe, number, plain_errors, whole_number
from mmactrep.errors import UserError


class TestNumbers:
    @pytest.mark.parametrize(('text', 'value'), [('1', 1), ('16', 16), ('+7', 7), ('2147483647', 2**31 - 1)])
    def test_whole_numbers(self, text, value):
        found = whole_number()(text)
        assert found == value and isinstance(found, int)

    def test_bounds_are_included(self):
        read = whole_number(-3, 5)
        assert [read(str(value)) for value in range(-3, 6)] == list(range(-3, 6))

    @pytest.mark.parametrize(
        ('text', 'pattern'),
        [
            ('0', "expected a whole number from 1 to 9, found '0'"),
            ('-1', "from 1 to 9, found '-1'"),
            ('10', "from 1 to 9, found '10'"),
            ('9' * 4000, "from 1 to 9, found '9{40}...'"),
            ('9' * 5000, "expected a whole number, found '9{40}...'"),
            ('1.0', "expected a whole number, found '1.0'"),
            ('1e3', 'expected a whole number'),
            ('many', "expected a whole number, found 'many'"),
            ('', "expected a whole number, found ''"),
            ('nan', 'expected a whole number'),
        ],
    )
    def test_other_whole_numbers_are_refused(self, text, pattern):
        with pytest.raises(argparse.ArgumentTypeError, match=pattern) as caught:
            whole_number(1, 9)(text)
        assert len(str(caught.value)) < 120

    @pytest.mark.parametrize('text', ['0', '0.5', '1', '1e-3', '-0.0'])
    def test_numbers(self, text):
        assert number(0, 1)(text) == float(text)

    def test_without_bounds_every_finite_number_is_taken(self):
        assert number()('-1e300') == -1e300
        assert number(0, above=True)('5e-324') > 0

    @pytest.mark.parametrize(
        ('read', 'text', 'pattern'),
        [
            (number(0, 1), '1.01', "expected a number from 0 to 1, found '1.01'"),
            (number(0, 1), '-0.1', 'from 0 to 1'),
            (number(0), '-1', 'a number of at least 0'),
            (number(high=5), '6', 'a number of at most 5'),
            (number(0, above=True), '0', "a number above 0, found '0'"),
            (number(0, 1, above=True), '2', 'above 0 and at most 1'),
            (number(), 'inf', "a finite number, found 'inf'"),
            (number(), '-inf', 'finite'),
            (number(), 'nan', 'finite'),
            (number(), '1e999', 'finite'),
            (number(), 'x' * 10**6, "expected a number, found 'x{40}...'"),
            (number(), '', "expected a number, found ''"),
        ],
    )
    def test_other_numbers_are_refused(self, read, text, pattern):
        with pytest.raises(argparse.ArgumentTypeError, match=pattern) as caught:
            read(text)
        assert len(str(caught.value)) < 120

    def test_a_parser_says_which_argument(self, capsys):
        parser = argparse.ArgumentParser(prog='tool')
        parser.add_argument('--share', type=number(0, 1))
        with pytest.raises(SystemExit, match='2'):
            parser.parse_args(['--share', 'nan'])
        line = capsys.readouterr().err.splitlines()[-1]
        assert line == "tool: error: argument --share: expected a finite number, found 'nan'"
        assert math.isclose(parser.parse_args(['--share', '.25']).share, 0.25)


class TestPlainErrors:
    @pytest.mark.parametrize(
        ('error', 'line'),
        [
            (
                UserError('clip_3: a label of 7,\n  with 5 classes'),
                'error: clip_3: a label of 7, with 5 classes',
            ),
            (
                FileNotFoundError(2, 'No such file or directory', 'a.bvh'),
                'error: a.bvh: No such file or directory',
            ),
            (OSError(28, 'No space left on device'), 'error: [Errno 28] No space left on device'),
            (UserError('a\udce9.mp4: no video'), 'error: a\\udce9.mp4: no video'),
            (UserError('a\x1b[2J.mp4: no video'), 'error: a\\x1b[2J.mp4: no video'),
            (UserError('läuft.mp4: 走'), 'error: läuft.mp4: 走'),
        ],
    )
    def test_a_users_mistake_is_one_line(self, capsys, error, line):
        @plain_errors
        def main():
            raise error

        assert main() == 1
        caught = capsys.readouterr()
        assert caught.out == '' and caught.err == line + '\n'

    @pytest.mark.parametrize('error', [KeyError('x'), ValueError('x'), AssertionError(), ZeroDivisionError()])
    def test_a_bug_keeps_its_trace(self, error):
        @plain_errors
        def main():
            raise error

        with pytest.raises(type(error)) as caught:
            main()
        assert caught.value is error

    def test_a_trace_can_be_asked_for(self, monkeypatch):
        @plain_errors
        def main():
            raise UserError('x')

        monkeypatch.setenv('MMACTREP_TRACEBACK', '1')
        with pytest.raises(UserError):
            main()

    @pytest.mark.parametrize('code', [None, 0, 3])
    def test_the_result_is_passed_on(self, code):
        assert plain_errors(lambda value: value)(code) is code

    def test_an_error_that_is_a_key_error_too_has_no_quotes(self):
        class UnknownThing(UserError, KeyError):
            pass

        assert describe(UnknownThing("no layout 'x'")) == "no layout 'x'"
