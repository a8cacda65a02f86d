"""Reading other people's checkpoints: only tensors, numbers and plain containers, whatever the file asks for.

``torch.load(weights_only=True)`` refuses code, but it refuses MMEngine's own checkpoints too: their message
hub contains ``HistoryBuffer`` objects and numpy arrays. Allowing numpy's classes would reopen what torch
closed: a ``dtype`` takes any state from a pickle, and a forged one lets numpy read and write any memory. So
none of numpy's classes is allowed. Stand-ins of the same names take the state as data, check it, and build
arrays of numbers.
"""

from __future__ import annotations

import math
import os
import re
from typing import IO, Any

import numpy as np
import torch
from mmengine.logging import HistoryBuffer
from packaging.version import Version

_NUMBERS = re.compile(r'b1|[iu][1248]|f[248]|c(8|16)')


class NumberType:
    """Stand-in for ``numpy.dtype``: the type of a number, without structure, objects or flags."""

    __slots__ = ('code', 'order')

    def __new__(cls, code: str, align: object = False, copy: object = False) -> NumberType:
        """Called by the pickle; ``align`` and ``copy`` have no meaning for a number."""
        if not isinstance(code, str) or not _NUMBERS.fullmatch(code):
            raise ValueError(f'an array of type {code!r:.40} in a checkpoint: refused, only numbers are read')
        self = super().__new__(cls)
        self.code, self.order = code, '='
        return self

    def __setstate__(self, state: tuple) -> None:
        """Take the byte order from the state; refuse anything else in it."""
        plain = isinstance(state, tuple) and len(state) == 8 and state[0] == 3
        if not plain or state[1] not in ('<', '>', '=', '|') or state[2:] != (None, None, None, -1, -1, 0):
            raise ValueError('a number type with a foreign state in a checkpoint: refused')
        self.order = state[1]

    def to_numpy(self) -> np.dtype:
        """The type, made by numpy itself from its checked name."""
        return np.dtype(self.code).newbyteorder('=' if self.order == '|' else self.order)


class NumberArray:
    """Stand-in for ``numpy.ndarray`` while a pickle is read; :func:`to_plain` replaces it by the array."""

    __slots__ = ('values',)

    def __new__(cls) -> NumberArray:
        """An array without content: a pickle fills it in through its state."""
        self = super().__new__(cls)
        self.values = np.empty(0)
        return self

    def __setstate__(self, state: tuple) -> None:
        """Build the array after comparing its size with its bytes."""
        if not isinstance(state, tuple) or len(state) != 5:
            raise ValueError('an array with a foreign state in a checkpoint: refused')
        _, shape, kind, fortran_order, content = state
        sized = isinstance(shape, tuple) and all(type(length) is int and length >= 0 for length in shape)
        if not sized or not isinstance(kind, NumberType) or not isinstance(content, bytes):
            raise ValueError('an array with a foreign state in a checkpoint: refused')
        dtype = kind.to_numpy()
        if len(shape) > 32 or math.prod(shape) * dtype.itemsize != len(content):
            raise ValueError(
                f'an array in a checkpoint has {len(content)} bytes for shape {shape!r:.60}: refused'
            )
        values = np.frombuffer(content, dtype).reshape(shape, order='F' if fortran_order else 'C')
        self.values = values.astype(dtype.newbyteorder('='))


def make_array(kind: type, shape: tuple, code: bytes) -> NumberArray:
    """Stand-in for ``numpy.core.multiarray._reconstruct``, which makes an empty array to be filled in."""
    if kind is not NumberArray or shape != (0,):
        raise ValueError('a checkpoint makes an array of a foreign class: refused')
    return NumberArray()


def make_scalar(kind: NumberType, content: bytes) -> np.generic:
    """Stand-in for ``numpy.core.multiarray.scalar``."""
    if not isinstance(kind, NumberType) or not isinstance(content, bytes):
        raise ValueError('a foreign numpy scalar in a checkpoint: refused')
    dtype = kind.to_numpy()
    if len(content) != dtype.itemsize:
        raise ValueError('a foreign numpy scalar in a checkpoint: refused')
    return np.frombuffer(content, dtype)[0]


class PlainHistory(HistoryBuffer):
    """Stand-in for MMEngine's ``HistoryBuffer``: its two series of numbers, without methods from the file."""

    def __new__(cls) -> PlainHistory:
        """An empty history: a pickle fills it in through its state."""
        return super().__new__(cls)

    def __init__(self) -> None:
        super().__init__()

    def __setstate__(self, state: dict) -> None:
        """Take the two series and the maximum length."""
        if not isinstance(state, dict) or type(state.get('max_length')) is not int:
            raise ValueError('a history with a foreign state in a checkpoint: refused')
        values, counts = (_series(state.get(key)) for key in ('_log_history', '_count_history'))
        if len(values) != len(counts) or state['max_length'] < 1:
            raise ValueError('a history with a foreign state in a checkpoint: refused')
        super().__init__(values, counts, state['max_length'])


def _series(found: object) -> list[float]:
    values = found.values if isinstance(found, NumberArray) else found
    if not isinstance(values, (list, np.ndarray)):
        raise ValueError('a history with a foreign state in a checkpoint: refused')
    array = np.array(values)
    if array.ndim != 1 or array.dtype.kind not in 'biuf':
        raise ValueError('a history with a foreign state in a checkpoint: refused')
    return array.tolist()


def history_method(owner: type, name: str) -> None:
    """Stand-in for ``getattr``, by which MMEngine names four methods of a history; they exist anyway."""
    if owner is not PlainHistory or name not in ('min', 'max', 'mean', 'current'):
        raise ValueError(f'a checkpoint asks for attribute {name!r:.80} of {owner!r:.80}: refused')


def no_bytes() -> bytes:
    """Stand-in for ``bytes``, which a pickle calls only for the content of an empty array."""
    return b''


def admit_stand_ins() -> bool:
    """Let ``torch.load(weights_only=True)`` read MMEngine's checkpoints, through this module's stand-ins.

    Returns:
        Whether this torch accepts stand-ins by name; before 2.6 such checkpoints remain unreadable.
    """
    if Version(torch.__version__) < Version('2.6'):
        return False
    stand_ins = {
        'numpy.dtype': NumberType,
        'numpy.ndarray': NumberArray,
        'mmengine.logging.history_buffer.HistoryBuffer': PlainHistory,
        'builtins.getattr': history_method,
        'builtins.bytes': no_bytes,
    }
    for core in ('numpy.core.multiarray', 'numpy._core.multiarray'):
        stand_ins |= {f'{core}._reconstruct': make_array, f'{core}.scalar': make_scalar}
    torch.serialization.add_safe_globals([(stand_in, name) for name, stand_in in stand_ins.items()])
    return True


def load_plain(file: str | os.PathLike | IO[bytes], map_location: Any = 'cpu') -> Any:
    """Read a ``torch.save`` file from an untrusted source.

    Args:
        file: Path, or an open file.
        map_location: As for ``torch.load``.

    Returns:
        Tensors, numbers, text and containers of them; arrays and histories as numpy's and MMEngine's own.

    Raises:
        Exception: Whatever torch raises on a file that is damaged, foreign, or asks for something else.
    """
    admit_stand_ins()
    return to_plain(torch.load(file, map_location=map_location, weights_only=True))


def to_plain(content: Any) -> Any:
    """Replace stand-ins by arrays and histories, in containers of any kind, in place."""
    return _replace(content, set())


def _replace(node: Any, seen: set[int]) -> Any:
    if isinstance(node, NumberArray):
        return node.values
    if isinstance(node, PlainHistory):
        values, counts = node.data
        return HistoryBuffer(values.tolist(), counts.tolist(), node.max_length)
    if not isinstance(node, (dict, list, tuple)) or id(node) in seen:
        return node
    seen.add(id(node))
    if isinstance(node, dict):
        for key in node:
            node[key] = _replace(node[key], seen)
    elif isinstance(node, list):
        node[:] = [_replace(item, seen) for item in node]
    elif type(node) is tuple:
        return tuple(_replace(item, seen) for item in node)
    return node
