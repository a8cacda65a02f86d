"""What interrupts the writer in the middle of a clip, or spoils its files, shifts no other clip."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mmactrep.store import BadClipError, SkeletonStore, SkeletonStoreWriter, StoreError, unfinished
from mmactrep.store import format as fmt
from mmactrep.store.array_file import GrowingFile
from tests.store.test_skeleton_store import CLASSES, files_of, make_clip, write

STEPS = 9


def add(writer, i):
    keypoint, score = make_clip(i, persons=1 + i % 2)
    segments = [(1, 0, 2), (2, 1, 3)] if i % 3 == 0 else []
    writer.add(f'clip_{i}', keypoint, score, i % 3, img_shape=(480, 640), fps=25, segments=segments)


class Breaking:
    """Lets the n-th piece that is appended to a file get there in part, and then fails."""

    def __init__(self, monkeypatch, at, error):
        self.calls, self.at, self.error = 0, at, error
        self.write = GrowingFile._write
        monkeypatch.setattr(GrowingFile, '_write', lambda file, data: self(file, data))

    def __call__(self, file, data):
        self.calls += 1
        if self.calls == self.at:
            self.write(file, data[: len(data) // 2])
            raise self.error
        return self.write(file, data)


@pytest.mark.parametrize('at', [1, 2, 3], ids=['score', 'keypoint', 'journal'])
@pytest.mark.parametrize('error', [OSError(errno.ENOSPC, 'No space left on device'), KeyboardInterrupt()])
def test_a_failure_in_any_file_leaves_the_store_as_it_was(tmp_path, monkeypatch, at, error):
    write(tmp_path / 'whole')
    writer = write(tmp_path / 'broken', range(3), finish=False)
    with monkeypatch.context() as patch:
        breaking = Breaking(patch, at, error)
        with pytest.raises(type(error)):
            add(writer, 3)
        assert breaking.calls == at
    assert len(writer) == 3 and 'clip_3' not in writer
    for i in range(3, 7):  # the disk has room again
        add(writer, i)
    writer.add_split('train', ['clip_0', 'clip_2', 'clip_4'])
    writer.add_split('test', ['clip_5', 'clip_1'])
    writer.finish()
    assert files_of(tmp_path / 'whole') == files_of(tmp_path / 'broken')


def test_a_file_that_may_grow_no_more(tmp_path):
    """The real thing: the kernel takes a part of the rows and refuses the rest."""
    writer = write(tmp_path / 's', range(1), finish=False)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(OSError, match='File too large'):
            writer.add('too_big', np.ones((1, 3000, 17, 2), np.float32))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert 'too_big' not in writer
    for i in range(1, 7):
        add(writer, i)
    writer.add_split('train', ['clip_0', 'clip_2', 'clip_4'])
    writer.add_split('test', ['clip_5', 'clip_1'])
    writer.finish()
    write(tmp_path / 'whole')
    assert files_of(tmp_path / 'whole') == files_of(tmp_path / 's')


def test_a_writer_that_cannot_cut_back_goes_no_further(tmp_path, monkeypatch):
    writer = write(tmp_path / 's', range(3), finish=False)
    with monkeypatch.context() as patch:
        Breaking(patch, 2, OSError(errno.EIO, 'Input/output error'))
        patch.setattr(GrowingFile, 'cut', lambda *_: (_ for _ in ()).throw(OSError(errno.EIO, 'I/O error')))
        with pytest.raises(OSError, match='I/O error'):
            add(writer, 3)
    for go_on in (lambda: add(writer, 4), writer.finish):
        with pytest.raises(StoreError, match='only in part and could not be removed; open it'):
            go_on()
    writer.close()
    write(tmp_path / 's')  # taken up
    write(tmp_path / 'whole')
    assert files_of(tmp_path / 'whole') == files_of(tmp_path / 's')


def test_rows_that_somebody_else_wrote_are_found_at_the_end(tmp_path):
    for name in (fmt.KEYPOINT_FILE, fmt.SCORE_FILE, unfinished.JOURNAL_FILE):
        writer = write(tmp_path / name, range(3), finish=False)
        with open(tmp_path / f'{name}.partial' / name, 'ab') as file:
            file.write(b'\1' * 136)
        with pytest.raises(
            StoreError, match=rf'{name}: expected \d+ rows in \d+ bytes.*something else write'
        ):
            writer.finish()
        writer.close()


def test_two_writers_do_not_write_one_store(tmp_path, repo):
    writer = write(tmp_path / 's', range(2), finish=False)
    with pytest.raises(StoreError, match=r'another process is writing it, or this one already \(lock'):
        SkeletonStoreWriter(tmp_path / 's', 'posetics17', classes=CLASSES)
    script = 'import sys; from tests.store.test_skeleton_store import write; write(sys.argv[1])'
    other = subprocess.run(
        [sys.executable, '-c', script, tmp_path / 's'], capture_output=True, text=True, cwd=repo, check=False
    )
    assert (
        f'StoreError: {tmp_path / "s"}: another process is writing it (process {os.getpid()}' in other.stderr
    )
    for i in range(2, 7):
        add(writer, i)
    writer.add_split('train', ['clip_0', 'clip_2', 'clip_4'])
    writer.add_split('test', ['clip_5', 'clip_1'])
    writer.finish()
    write(tmp_path / 'whole')
    assert files_of(tmp_path / 'whole') == files_of(tmp_path / 's')
    assert not [path for path in tmp_path.iterdir() if path.name.startswith('.')]


def damaged_journal(tmp_path, change):
    write(tmp_path / 's', range(3), finish=False).close()
    path = tmp_path / 's.partial' / unfinished.JOURNAL_FILE
    lines = path.read_text().splitlines(keepends=True)
    path.write_text(''.join(change(lines)))
    return tmp_path / 's'


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (lambda lines: [lines[0], lines[0], *lines[1:]], "line 2: clip 'clip_0' occurs twice"),
        (lambda lines: [lines[0], 'what?\n', lines[2]], 'expected a line of JSON for a clip in line 2'),
        (lambda lines: ['[]\n'], 'expected a line of JSON for a clip in line 1'),
        (lambda lines: ['{"id": "a"}\n'], "'persons' is missing"),
        (lambda lines: [lines[0].replace('"persons": 1', '"persons": "1"')], "'persons' is '1'"),
        (lambda lines: [lines[0].replace('"persons": 1', '"persons": -1')], '-1 persons'),
        (lambda lines: ['[' * 100_000 + '\n'], 'nested too deeply'),
    ],
)
def test_a_damaged_journal_is_refused(tmp_path, change, message):
    root = damaged_journal(tmp_path, change)
    with pytest.raises(StoreError, match=rf'journal\.jsonl.*{message}'):
        write(root)


def test_an_unfinished_store_of_unknown_settings_is_refused(tmp_path):
    root = damaged_journal(tmp_path, lambda lines: lines)
    (tmp_path / 's.partial' / unfinished.SETTINGS_FILE).unlink()
    with pytest.raises(StoreError, match=r'writer\.json is missing'):
        write(root)
    (tmp_path / 's.partial' / unfinished.SETTINGS_FILE).write_text('[]')
    with pytest.raises(StoreError, match='begun with other settings'):
        write(root)


def test_a_closed_writer_says_so(tmp_path):
    writer = write(tmp_path / 's')
    for use in (lambda: add(writer, 8), writer.finish):
        with pytest.raises(StoreError, match='the writer is closed'):
            use()
    writer.close()


def test_discarding_leaves_nothing(tmp_path):
    write(tmp_path / 's', range(2), finish=False).discard()
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_opened_takes_the_place_of_nothing(tmp_path, monkeypatch):
    write(tmp_path / 's')
    before = files_of(tmp_path / 's')
    monkeypatch.setattr('mmactrep.store.store_writer.write_description', lambda root, _: None)
    with pytest.raises(StoreError, match='no skeleton store at'):
        write(tmp_path / 's', overwrite=True)
    assert files_of(tmp_path / 's') == before


def replace_until_killed(root, at):
    """Overwrite a store, and be killed at the n-th step that renames or removes something."""
    calls = []

    def counted(what):
        def call(*args, **kwargs):
            calls.append(what)
            if len(calls) == at:
                os.kill(os.getpid(), signal.SIGKILL)
            return what(*args, **kwargs)

        return call

    Path.rename, Path.unlink = counted(Path.rename), counted(Path.unlink)
    unfinished.shutil.rmtree = counted(unfinished.shutil.rmtree)
    write(root, overwrite=True)


@pytest.mark.parametrize('at', range(1, 12))
def test_killed_while_it_replaces_a_store(tmp_path, at):
    """At every step one of the two stores is whole, and the command done again ends as it should."""
    write(tmp_path / 'whole')
    write(tmp_path / 's', range(6))
    process = multiprocessing.get_context('fork').Process(
        target=replace_until_killed, args=(tmp_path / 's', at)
    )
    process.start()
    process.join()
    assert process.exitcode == (-signal.SIGKILL if at <= STEPS else 0)
    wholes = [p for p in (tmp_path / 's', tmp_path / '.s.replaced', tmp_path / 's.partial') if p.exists()]
    assert any(SkeletonStore(p).verify() == [] for p in wholes if (p / fmt.META_FILE).exists())
    write(tmp_path / 's', overwrite=True)
    assert files_of(tmp_path / 's') == files_of(tmp_path / 'whole')
    assert sorted(path.name for path in tmp_path.iterdir()) == ['s', 'whole']


def test_an_attempt_with_other_splits_leaves_none_of_them(tmp_path, monkeypatch):
    writer = write(tmp_path / 's', finish=False)
    writer.add_split('old', ['clip_0'])
    with monkeypatch.context() as patch:
        patch.setattr(
            'mmactrep.store.store_writer.write_description', lambda *_: (_ for _ in ()).throw(OSError(28))
        )
        with pytest.raises(OSError, match='28'):
            writer.finish()
    writer.close()
    write(tmp_path / 's')
    assert sorted(path.name for path in (tmp_path / 's' / fmt.SPLIT_FOLDER).iterdir()) == [
        'test.npy',
        'train.npy',
    ]
    content = json.loads((tmp_path / 's' / fmt.META_FILE).read_text())
    assert 'splits/old.npy' not in content['checksums']


def test_a_refused_clip_writes_nothing(tmp_path):
    writer = write(tmp_path / 's', range(2), finish=False)
    before = files_of(tmp_path / 's.partial')
    with pytest.raises(BadClipError):
        writer.add('bad', *make_clip(2), label='nothing')
    with pytest.raises(BadClipError):
        writer.add({'a': 1}, *make_clip(2))
    assert files_of(tmp_path / 's.partial') == before
    shutil.rmtree(tmp_path / 's.partial')
