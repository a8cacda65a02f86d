"""A training prints its epochs; its log file holds the rest."""

from __future__ import annotations

import re

from tests.helpers.training import run_tool, write_config, write_store


def test_the_terminal_gets_epochs_and_the_file_everything(tmp_path):
    config = write_config(tmp_path, write_store(tmp_path / 'store'))
    done = run_tool('train.py', config, '--work-dir', tmp_path / 'work', '--epochs', 1)
    printed = done.stdout + done.stderr
    (log,) = (tmp_path / 'work').glob('*/*.log')
    written = log.read_text()
    for detail in ('System environment', 'Hooks will be executed', 'default_hooks = ', 'Exp name'):
        assert detail in written and detail not in printed
    assert re.search(r'Epoch\(train\) +\[1\]', printed) and 'acc/top1' in printed and str(log) in printed
    assert 'Saving checkpoint' in printed
    assert len(printed.splitlines()) < 30 < 150 < len(written.splitlines())


def test_everything_is_printed_where_that_is_asked_for(monkeypatch, caplog):
    import logging

    from mmactrep.engine.console_log import FULL_LOG, print_essentials

    for full in ('0', '1'):
        monkeypatch.setenv(FULL_LOG, full)
        handler = logging.StreamHandler()
        logger = logging.Logger('run')
        logger.addHandler(handler)
        print_essentials(logger)
        kept = [
            bool(handler.filter(logging.LogRecord('', 20, '', 0, text, (), None)))
            for text in ('Hooks will be executed in the following order:\nx', 'Epoch(train) [1]')
        ]
        assert kept == [full == '1', True]
