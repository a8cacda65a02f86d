"""The border to files that others wrote: what they hold is read whole, or refused in one line.

A reader of a format puts its parsing into :func:`reading`; what a damaged or hostile file makes it raise
becomes one :class:`BadFileError` that names the file. The functions below open the usual containers with
bounds that are checked before memory is taken: a header that promises more than the file can hold, an archive
that unpacks to many times its size, nesting without end.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from mmactrep.errors import UserError

#: Most bytes that are read of a text or JSON file, and that an array of a foreign file may take.
MAX_TEXT_BYTES = 1 << 30
MAX_ARRAY_BYTES = 4 << 30

# What a parser meets in content that is not what it expects. The cause stays attached, see ``plain_errors``.
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
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


class BadFileError(UserError, ValueError):
    """A file that is truncated, foreign, damaged or larger than allowed; the message names it."""


@contextlib.contextmanager
def reading(path: str | os.PathLike, expected: str, error: type[UserError] = BadFileError) -> Iterator[None]:
    """Turn whatever parsing a file raises into one error that names it.

    >>> with reading(path, 'a BVH motion capture'):
    ...     capture = parse(text)

    Args:
        path: The file.
        expected: What it should be, for the message.
        error: Class of the error raised.

    Raises:
        FileNotFoundError: If there is no such file.
        UserError: As they are; any other error of the content as ``error``.
    """
    try:
        yield
    except (UserError, FileNotFoundError):
        raise
    except _CONTENT_ERRORS as cause:
        raise error(f'{path}: expected {expected}: {reason(cause)}') from cause


def reason(error: BaseException, length: int = 200) -> str:
    """What an error says, in one line of bounded length."""
    if isinstance(error, RecursionError):
        return 'it is nested too deeply'
    if isinstance(error, MemoryError):
        return 'it does not fit into memory'
    if isinstance(error, KeyError) and error.args:
        return f'{error.args[0]!r:.{length}} is missing'
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = lines[0] if lines else type(error).__name__
    return text if len(text) <= length else text[:length] + ' ...'


def check_size(path: str | os.PathLike, size: int, limit: int, what: str) -> None:
    """Refuse what would take more than a bound allows, before it is taken.

    Raises:
        BadFileError: With both numbers.
    """
    if size > limit:
        raise BadFileError(f'{path}: {what} would take {size:,} bytes, at most {limit:,} are read')


def read_bytes(path: str | os.PathLike, max_bytes: int = MAX_TEXT_BYTES) -> bytes:
    """The content of a file of bounded size.

    Raises:
        FileNotFoundError: If there is no such file.
        BadFileError: If it is a folder, cannot be read or is larger.
    """
    path = Path(path)
    if path.is_dir():
        raise BadFileError(f'{path}: expected a file, found a folder')
    with reading(path, 'a readable file'):
        check_size(path, path.stat().st_size, max_bytes, 'the file')
        return path.read_bytes()


def read_text(path: str | os.PathLike, max_bytes: int = MAX_TEXT_BYTES) -> str:
    """A text file: UTF-8 with or without a byte order mark, or UTF-16 with one.

    Raises:
        FileNotFoundError: If there is no such file.
        BadFileError: If it is larger, or no such text.
    """
    content = read_bytes(path, max_bytes)
    utf16 = content[:2] in (b'\xff\xfe', b'\xfe\xff')
    with reading(path, 'a text file in UTF-8'):
        return content.decode('utf-16' if utf16 else 'utf-8-sig')


def read_json(path: str | os.PathLike, max_bytes: int = MAX_TEXT_BYTES) -> Any:
    """The content of a JSON file.

    Raises:
        FileNotFoundError: If there is no such file.
        BadFileError: If it is larger, no JSON, or nested too deeply.
    """
    text = read_text(path, max_bytes)
    with reading(path, 'JSON'):
        return json.loads(text)


def read_array(path: str | os.PathLike, max_bytes: int = MAX_ARRAY_BYTES) -> np.ndarray:
    """The array of an ``.npy`` file of numbers.

    Raises:
        FileNotFoundError: If there is no such file.
        BadFileError: If it is no such file, holds objects, promises more than it has, or is larger.
    """
    path = Path(path)
    if path.is_dir():
        raise BadFileError(f'{path}: expected an array (.npy), found a folder')
    with reading(path, 'an array (.npy)'), open(path, 'rb') as file:
        return _read_array(path, file, path.stat().st_size, max_bytes, 'the array')


def read_arrays(path: str | os.PathLike, max_bytes: int = MAX_ARRAY_BYTES) -> dict[str, np.ndarray]:
    """All arrays of an ``.npz`` file of numbers, by name.

    Raises:
        FileNotFoundError: If there is no such file.
        BadFileError: If it is no such file, encrypted, holds objects, or unpacks to more than allowed.
    """
    path = Path(path)
    if path.is_dir():
        raise BadFileError(f'{path}: expected arrays (.npz), found a folder')
    found: dict[str, np.ndarray] = {}
    with reading(path, 'arrays (.npz)'), zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        check_size(path, sum(member.file_size for member in members), max_bytes, 'its arrays')
        for member in members:
            name = member.filename.removesuffix('.npy')
            if name == member.filename:
                raise BadFileError(f'{path}: expected arrays (.npz), found {member.filename[:80]!r} in it')
            with archive.open(member) as file:
                found[name] = _read_array(path, file, member.file_size, max_bytes, f"array '{name[:80]}'")
    return found


def _read_array(path: Path, file: IO[bytes], size: int, max_bytes: int, what: str) -> np.ndarray:
    version = np.lib.format.read_magic(file)
    header = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }.get(version)
    if header is None:
        raise BadFileError(f'{path}: {what} has version {version} of the format, which is not read')
    shape, fortran_order, dtype = header(file)
    if dtype.hasobject:
        raise BadFileError(f'{path}: {what} holds Python objects, expected numbers or text')
    if any(length < 0 for length in shape):
        raise BadFileError(f'{path}: {what} has the shape {shape}')
    count = math.prod(shape)
    check_size(path, count * dtype.itemsize, max_bytes, what)
    if count * dtype.itemsize > size:
        raise BadFileError(f'{path}: {what} should have shape {shape} of {dtype}, the file is shorter')
    content = file.read(count * dtype.itemsize)
    if len(content) != count * dtype.itemsize:
        raise BadFileError(f'{path}: {what} should have shape {shape} of {dtype}, the file is shorter')
    array = np.frombuffer(content, dtype, count).reshape(shape, order='F' if fortran_order else 'C')
    return array.copy()
