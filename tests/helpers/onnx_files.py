"""Small ONNX files, written without the onnx package."""

from __future__ import annotations

from pathlib import Path

INT32, FLOAT = 6, 1


def write_network(path: Path, kind: int, taken: tuple, given: tuple) -> Path:
    """A network that ignores its input and gives random floats.

    Args:
        path: The file.
        kind: Type of the input, see ONNX's ``TensorProto.DataType``.
        taken: Shape of the input; None leaves a side open.
        given: Shape of the output.
    """
    sides = text(1, 'shape') + b''.join(number(8, side) for side in given) + number(20, 7)
    node = text(2, 'y') + text(4, 'RandomNormal') + field(5, sides)
    graph = field(1, node) + text(2, 'g') + field(11, value('x', kind, taken))
    graph += field(12, value('y', FLOAT, given))
    path.write_bytes(number(1, 8) + field(7, graph) + field(8, text(1, '') + number(2, 17)))
    return path


def value(name: str, kind: int, shape: tuple) -> bytes:
    sides = b''.join(
        field(1, text(2, f'side{i}') if side is None else number(1, side)) for i, side in enumerate(shape)
    )
    return text(1, name) + field(2, field(1, number(1, kind) + field(2, sides)))


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def number(tag: int, value: int) -> bytes:
    return varint(tag << 3) + varint(value)


def field(tag: int, content: bytes) -> bytes:
    return varint(tag << 3 | 2) + varint(len(content)) + content


def text(tag: int, content: str) -> bytes:
    return field(tag, content.encode())
