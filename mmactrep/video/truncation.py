"""Files that end too early, compared with the size in their headers."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

# Top-level boxes of ISO media files (ISO/IEC 14496-12); a file with any other name is not one.
_ISO_BOXES = frozenset(
    name.encode()
    for name in ['ftyp', 'moov', 'mdat', 'free', 'skip', 'wide', 'uuid', 'moof', 'mfra', 'sidx', 'styp']
)
_EBML, _SEGMENT = b'\x1a\x45\xdf\xa3', b'\x18\x53\x80\x67'


def find_truncation(path: Path) -> str | None:
    """What an MP4, MOV, AVI, Matroska or WebM file lacks; None for a complete file.

    FFmpeg repairs some truncated files silently: from an AVI cut in half it returns half of the frames, the
    last of them damaged.
    """
    size = path.stat().st_size
    with open(path, 'rb') as file:
        head = file.read(12)
        if head[:4] == b'RIFF' and head[8:12] == b'AVI ':
            length = struct.unpack('<I', head[4:8])[0]
            # written when the size was unknown or too large to state
            return None if length in (0, 0xFFFFFFFF) else _shortage(size, 8 + length)
        if head[:4] == _EBML:
            return _matroska(file, size)
        return _iso_media(file, size)


def _iso_media(file: BinaryIO, size: int) -> str | None:
    place, names = 0, set()
    while place + 8 <= size:
        file.seek(place)
        length, name = struct.unpack('>I4s', file.read(8))
        if name not in _ISO_BOXES:
            # another container, or a box not in this list: nothing can be said
            return None
        names.add(name)
        if length == 1:
            length = struct.unpack('>Q', file.read(8).ljust(8, b'\0'))[0]
        elif length == 0:
            length = size - place
        if place + length > size:
            return _shortage(size, place + length)
        place += max(length, 8)
    return "it has media data, but no index ('moov')" if b'mdat' in names and b'moov' not in names else None


def _matroska(file: BinaryIO, size: int) -> str | None:
    """The segment after the EBML header states its length, unless it was written to a pipe."""
    file.seek(4)
    header = _ebml_length(file)
    if header is None:
        return None
    file.seek(header, 1)
    if file.read(4) != _SEGMENT:
        return None
    length = _ebml_length(file)
    return None if length is None else _shortage(size, file.tell() + length)


def _ebml_length(file: BinaryIO) -> int | None:
    """The length of an EBML element; None where it is unknown, or the file ends."""
    first = file.read(1)
    if not first or first[0] == 0:
        return None
    width = 9 - first[0].bit_length()
    rest = file.read(width - 1)
    if len(rest) < width - 1:
        return None
    value = int.from_bytes(bytes([first[0] & (0xFF >> width)]) + rest, 'big')
    return None if value == (1 << 7 * width) - 1 else value


def _shortage(size: int, expected: int) -> str | None:
    return f'expected at least {expected} bytes, found {size}' if size < expected else None
