"""MATLAB's ``.mat`` files, version 5: arrays of numbers and text, read without trusting the header.

Only what the data sets need is read: no cells, no structures, no objects. Every length is checked against the
file before memory is allocated, and a compressed variable against a limit on its unpacked size.
"""

from __future__ import annotations

import math
import os
import struct
import zlib
from collections.abc import Collection, Iterator

import numpy as np

from mmactrep.files import BadFileError, read_bytes, reading, shown

_MAX_BYTES = 256 << 20
_HEADER_BYTES = 128
_MATRIX, _COMPRESSED = 14, 15
_NUMBERS = {1: 'i1', 2: 'u1', 3: 'i2', 4: 'u2', 5: 'i4', 6: 'u4', 7: 'f4', 9: 'f8', 12: 'i8', 13: 'u8'}
_TEXT = {1: 'latin-1', 2: 'latin-1', 4: 'utf-16', 16: 'utf-8', 17: 'utf-16', 18: 'utf-32'}
_CHAR_CLASS = 4
_NUMBER_CLASSES = range(6, 16)
_COMPLEX = 0x0800


def read_matlab(path: str | os.PathLike, names: Collection[str]) -> dict[str, np.ndarray | str]:
    """Those of the named variables that a file has.

    Args:
        path: A ``.mat`` file of version 5 (MATLAB's default up to ``-v7``).
        names: Names of the variables.

    Returns:
        Arrays of numbers in their shape, and strings.

    Raises:
        FileNotFoundError: If there is no such file.
        BadFileError: If it is not such a file, is truncated, or a variable is neither an array of real
            numbers nor text.
    """
    content = read_bytes(path, _MAX_BYTES)
    with reading(path, 'a MATLAB file'):
        order = {b'IM': '<', b'MI': '>'}.get(content[126:128])
        if order is None:
            hdf = content[512:520] == b'\x89HDF\r\n\x1a\n' or b'HDF5' in content[:128]
            raise BadFileError(
                f'{path}: expected a MATLAB file of version 5'
                + (', found version 7.3; save it with -v7' if hdf else '')
            )
        found: dict[str, np.ndarray | str] = {}
        for kind, data in _elements(content[_HEADER_BYTES:], order):
            if kind == _COMPRESSED:
                (kind, data), *_ = _elements(_unpacked(data), order)
            if kind == _MATRIX:
                name, value = _matrix(data, order, names)
                if value is not None:
                    found[name] = value
        return found


def _elements(content: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    """(type, data) of consecutive elements."""
    place = 0
    while place < len(content):
        kind, length = struct.unpack_from(order + 'II', content, place)
        start, end = place + 8, place + 8 + length
        if kind >> 16:  # a small element: length and type share a word, the data is the next one
            kind, length = kind & 0xFFFF, kind >> 16
            start, end = place + 4, place + 8
        elif kind != _COMPRESSED:
            end += -length % 8
        if length > len(content) - start:
            raise ValueError(f'truncated: {length:,} bytes are announced, {len(content) - start:,} follow')
        yield kind, content[start : start + length]
        place = end


def _unpacked(data: bytes) -> bytes:
    """A compressed variable: as many bytes as it announces."""
    unpacker = zlib.decompressobj()
    tag = unpacker.decompress(data, 8)
    length = int.from_bytes(tag[4:], 'little' if tag[0] else 'big')
    if length > _MAX_BYTES:
        raise ValueError(f'a variable would take {length:,} bytes, at most {_MAX_BYTES:,} are read')
    # two files of Penn Action lack the checksum after it
    return tag + unpacker.decompress(unpacker.unconsumed_tail, length or 1)


def _matrix(data: bytes, order: str, names: Collection[str]) -> tuple[str, np.ndarray | str | None]:
    """Name and value of a variable; None as the value if it is not wanted."""
    (_, head), (_, lengths), (_, letters), *parts = _elements(data, order)
    (flags,) = struct.unpack_from(order + 'I', head)
    shape = tuple(int(length) for length in np.frombuffer(lengths, order + 'i4'))
    name = letters.decode('ascii')
    if name not in names:
        return name, None
    kind = flags & 0xFF
    if (kind != _CHAR_CLASS and kind not in _NUMBER_CLASSES) or flags & _COMPLEX:
        raise ValueError(f'the variable {shown(name)} is neither an array of real numbers nor text')
    stored, values = parts[0]
    size = math.prod(shape)
    if kind == _CHAR_CLASS:
        text = values.decode(_TEXT[stored] + ('-le' if order == '<' else '-be') * (stored in (4, 17, 18)))
        if len(text) != size or sum(length > 1 for length in shape) > 1:
            raise ValueError(
                f'the text {shown(name)} should have the shape {shown(shape)}, found {len(text)}'
            )
        return name, text
    array = np.frombuffer(values, order + _NUMBERS[stored])
    if any(length < 0 for length in shape) or len(array) != size:
        raise ValueError(f'{shown(name)} should have the shape {shown(shape)}, found {len(array)} numbers')
    return name, array.reshape(shape, order='F')
