"""Reading files that others wrote: the content is read completely, or refused with a one-line error.

A format reader puts its parsing inside :func:`reading`; whatever a damaged or hostile file makes it raise
becomes one :class:`BadFileError` that names the file. The functions below open the usual containers with
limits that are checked before memory is allocated, against headers that promise more than the file contains,
archives that unpack to many times their size, and endless nesting.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import reprlib
import stat
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from mmactrep.errors import UserError

#: Most bytes read from a text or JSON file, and most bytes that an array of a foreign file may take.
MAX_TEXT_BYTES = 1 << 30
MAX_ARRAY_BYTES = 4 << 30
#: Most characters of a whole number in a JSON file; 2**64 has 20 digits.
MAX_DIGITS = 20
#: Archives may unpack to this many bytes, or to this many times their own size, whichever is more.
FREE_UNPACKED_BYTES = 256 << 20
MAX_UNPACKED_RATIO = 100
# numpy's own limit on the header of an array
_MAX_HEADER_BYTES = 10_000
_CHUNK = 1 << 20

# What parsers raise on unexpected content. The cause stays attached, see ``plain_errors``.
_CONTENT_ERRORS = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    RecursionError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)


class BadFileError(UserError, ValueError):
    """A file that is truncated, foreign, damaged or larger than allowed; the message names it."""


@contextlib.contextmanager
def reading(path: str | os.PathLike, expected: str, error: type[UserError] = BadFileError) -> Iterator[None]:
    """Turn whatever parsing a file raises into one error that names the file.

    >>> with reading(path, 'a BVH motion capture'):
    ...     capture = parse(text)

    Args:
        path: The file.
        expected: What it should be, for the message.
        error: Class of the error raised.

    Raises:
        FileNotFoundError: If there is no such file.
        UserError: Passed through unchanged; any other error caused by the content is raised as ``error``.
    """
    try:
        yield
    except (UserError, FileNotFoundError):
        raise
    except _CONTENT_ERRORS as cause:
        raise error(f'{path}: expected {expected}: {reason(cause)}') from cause


def reason(error: BaseException, length: int = 200) -> str:
    """What an error says, on one line of limited length."""
    if isinstance(error, RecursionError):
        return 'it is nested too deeply'
    if isinstance(error, MemoryError):
        return 'it does not fit into memory'
    if isinstance(error, KeyError) and error.args:
        return f'{shown(error.args[0], length)} is missing'
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return _cut(lines[0] if lines else type(error).__name__, length)


def shown(value: Any, length: int = 80) -> str:
    """A value from a foreign file as shown in a message: limited in depth, number of items and length.

    Plain ``repr`` of a small pickle can take hours: tuples that each contain the next one twice, forty deep.
    """
    return _cut(_REPR.repr(value), length)


class _Repr(reprlib.Repr):
    def repr_int(self, value: int, level: int) -> str:
        # Python refuses to write more than 4,300 digits
        return repr(value) if value.bit_length() < 1000 else f'a whole number of {value.bit_length():,} bits'


_REPR = _Repr()
_REPR.maxlevel = 2
_REPR.maxstring = _REPR.maxother = 400


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[:length] + ' ...'


def check_size(path: str | os.PathLike, size: int, limit: int, what: str) -> None:
    """Check a size against its limit, before the memory is allocated.

    Raises:
        BadFileError: If the size exceeds the limit; the message gives both numbers.
    """
    if size > limit:
        raise BadFileError(f'{path}: {what} would take {size:,} bytes, at most {limit:,} are read')


@contextlib.contextmanager
def _opened(path: str | os.PathLike, expected: str) -> Iterator[IO[bytes]]:
    """A file, opened for :func:`reading`; a folder is reported as such."""
    with reading(path, expected):
        if os.path.isdir(path):
            raise BadFileError(f'{path}: expected {expected}, found a folder')
        with open(path, 'rb') as file:
            yield file


def read_bytes(path: str | os.PathLike, max_bytes: int = MAX_TEXT_BYTES) -> bytes:
    """The content of a file of limited size.

    Raises:
        FileNotFoundError: If there is no such file.
        BadFileError: If it is a folder, cannot be read or is larger.
    """
    with _opened(path, 'a file') as file:
        info = os.fstat(file.fileno())
        check_size(path, info.st_size, max_bytes, 'the file')
        if stat.S_ISREG(info.st_mode) and info.st_size:
            return file.read()
        # pipes, devices and files in /proc do not report their size
        content = bytearray()
        while chunk := file.read(_CHUNK):
            content += chunk
            if len(content) > max_bytes:
                raise BadFileError(f'{path}: it holds more than the {max_bytes:,} bytes that are read')
        return bytes(content)


def read_text(path: str | os.PathLike, max_bytes: int = MAX_TEXT_BYTES) -> str:
    """A text file: UTF-8 with or without a byte order mark, or UTF-16 with one.

    Raises:
        FileNotFoundError: If there is no such file.
        BadFileError: If it is larger, in another encoding, or binary.
    """
    content = read_bytes(path, max_bytes)
    utf16 = content[:2] in (b'\xff\xfe', b'\xfe\xff')
    with reading(path, 'a text file in UTF-8'):
        text = content.decode('utf-16' if utf16 else 'utf-8-sig')
        if '\0' in text:
            raise ValueError('it holds NUL characters: a binary file, or UTF-16 without a byte order mark')
    return text


def read_json(path: str | os.PathLike, max_bytes: int = MAX_TEXT_BYTES) -> Any:
    """The content of a JSON file.

    Raises:
        FileNotFoundError: If there is no such file.
        BadFileError: If it is larger, not JSON, nested too deeply, repeats a key within one object, or has
            whole numbers of more than 20 digits.
    """
    text = read_text(path, max_bytes)
    with reading(path, 'JSON'):
        return json.loads(text, object_pairs_hook=_unique_keys, parse_int=_bounded_int)


def keep_settings(path: str | os.PathLike, now: Mapping[str, Any], error: type[UserError]) -> None:
    """Note the settings of a folder's content when it is begun, and compare them when it is resumed.

    Args:
        path: JSON file of the settings, in that folder.
        now: The settings.
        error: What is raised where they differ.

    Raises:
        UserError: Of the class ``error``, if the folder was begun with other settings; it names one of them.
    """
    path = Path(path)
    now = json.loads(json.dumps(now))
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(now, indent=1), encoding='utf-8')
        return
    then = read_json(path)
    for key, value in now.items():
        if not isinstance(then, Mapping) or then.get(key) != value:
            before = then.get(key) if isinstance(then, Mapping) else then
            raise error(
                f'{path.parent}: was begun with {key} {shown(before)}, now it is {shown(value)}: '
                'give the same settings to resume it, or another folder'
            )


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f'the key {shown(twice)} occurs twice in one object')
    return found


def _bounded_int(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError(f'it has a whole number of {len(text):,} digits, at most {MAX_DIGITS} are read')
    return int(text)


def read_array(path: str | os.PathLike, max_bytes: int = MAX_ARRAY_BYTES) -> np.ndarray:
    """The array of an ``.npy`` file of numbers or text.

    Raises:
        FileNotFoundError: If there is no such file.
        BadFileError: If it is not such a file, contains anything else, differs in size from its header, or is
            larger than allowed.
    """
    with _opened(path, 'an array (.npy)') as file:
        return _read_array(path, file, os.fstat(file.fileno()).st_size, max_bytes, 'the array')


def read_arrays(path: str | os.PathLike, max_bytes: int = MAX_ARRAY_BYTES) -> dict[str, np.ndarray]:
    """All arrays of an ``.npz`` file of numbers or text, by name.

    Raises:
        FileNotFoundError: If there is no such file.
        BadFileError: If it is not such a file, is encrypted, contains anything else, or unpacks to more than
            allowed.
    """
    found: dict[str, np.ndarray] = {}
    with _opened(path, 'arrays (.npz)') as file, zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        packed = os.fstat(file.fileno()).st_size
        limit = min(max_bytes, max(FREE_UNPACKED_BYTES, MAX_UNPACKED_RATIO * packed))
        check_size(path, sum(member.file_size for member in members), limit, 'its arrays')
        for member in members:
            name = member.filename.removesuffix('.npy')
            if name == member.filename:
                raise BadFileError(f'{path}: expected arrays (.npz), found {shown(member.filename)} in it')
            if name in found:
                raise BadFileError(f'{path}: array {shown(name)} is in it twice')
            if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise BadFileError(f'{path}: array {shown(name)} has a compression that numpy does not write')
            with archive.open(member) as content:
                found[name] = _read_array(path, content, member.file_size, limit, f'array {shown(name)}')
    return found


def _read_array(path: str | os.PathLike, file: IO[bytes], size: int, max_bytes: int, what: str) -> np.ndarray:
    shape, fortran_order, dtype = read_array_header(path, file, what)
    if dtype.kind not in 'biufSU':
        kind = 'Python objects' if dtype.hasobject else f'values of type {shown(dtype)}'
        raise BadFileError(f'{path}: {what} holds {kind}, expected numbers or text')
    if any(length < 0 for length in shape):
        raise BadFileError(f'{path}: {what} has the shape {shown(shape)}')
    length = math.prod(shape) * dtype.itemsize
    check_size(path, length, max_bytes, what)
    buffer = np.empty(length if length <= size else 0, np.uint8)
    if length > size or _fill(memoryview(buffer), file) < length:
        raise BadFileError(f'{path}: {what} should have shape {shown(shape)} of {dtype}, the file is shorter')
    if file.read(1):
        raise BadFileError(f'{path}: {what} has shape {shown(shape)} of {dtype}, the file continues after it')
    return buffer.view(dtype).reshape(shape, order='F' if fortran_order else 'C')


def read_array_header(
    path: str | os.PathLike, file: IO[bytes], what: str = 'the array'
) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Shape, Fortran order (or not) and type of an array; the file is left where its values begin."""
    version = np.lib.format.read_magic(file)
    formats = {
        (1, 0): ('<H', np.lib.format.read_array_header_1_0),
        (2, 0): ('<I', np.lib.format.read_array_header_2_0),
    }
    if version not in formats:
        raise BadFileError(f'{path}: {what} has version {version} of the format, which is not read')
    code, parse = formats[version]
    prefix = file.read(struct.calcsize(code))
    (length,) = struct.unpack(code, prefix)
    check_size(path, length, _MAX_HEADER_BYTES, f'the header of {what}')
    return parse(io.BytesIO(prefix + file.read(length)))


def _fill(view: memoryview, file: IO[bytes]) -> int:
    """Read until a buffer is full or the file ends; returns the number of bytes read."""
    done = 0
    while done < len(view):
        count = file.readinto(view[done : done + _CHUNK])
        if not count:
            break
        done += count
    return done
