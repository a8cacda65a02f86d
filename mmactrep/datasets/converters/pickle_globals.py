"""The only globals that a plain pickle may name: stand-ins for containers, numbers and numpy arrays.

Large arrays are not read: :class:`LazyArray` knows where in the file its numbers are.
"""

from __future__ import annotations

import math
import pickle
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from mmactrep.files import MAX_ARRAY_BYTES, BadFileError, shown

_KINDS = frozenset('biufcU')
# Python hashes nested tuples by recursion in C, without a limit: deep ones overflow the stack, and ones that
# contain one another twice take forever.
_KEY_TYPES = (str, bytes, int, float, type(None))
_MAX_KEY_LENGTH = 16
# state of a dtype of numbers or text: version, order, three parts of structured types, size, alignment, flags
_DTYPE_STATE_LENGTH = 8
_NEEDS_INIT = 8  # numpy's flag of text arrays


class BadPickleError(BadFileError, pickle.UnpicklingError):
    """A pickle that is truncated, or asks for more than plain containers and arrays."""


@dataclass(frozen=True)
class Span:
    """Bytes in the file that have not been read yet."""

    offset: int
    length: int
    is_text: bool

    def read(self, file: BinaryIO) -> bytes:
        """The bytes."""
        file.seek(self.offset)
        raw = file.read(self.length)
        # protocol 2 has no bytes: they are written as text whose characters are the bytes
        return raw.decode('utf-8', 'surrogatepass').encode('latin1') if self.is_text else raw


@dataclass
class LazyArray:
    """An array in a pickle, to be read by :meth:`load`. It is sent to other processes without its numbers."""

    shape: tuple[int, ...] = ()
    dtype: str = 'u1'
    fortran: bool = False
    data: bytes | Span = b''

    def load(self, path: str | Path) -> np.ndarray:
        """Read the array from the file in which it was found.

        Raises:
            BadPickleError: If the bytes do not fill the shape, or exceed the limit.
        """
        raw = self.data
        if isinstance(raw, Span) and raw.length > MAX_ARRAY_BYTES:
            raise BadPickleError(
                f'{path}: an array of {raw.length:,} bytes, at most {MAX_ARRAY_BYTES:,} are read'
            )
        if isinstance(raw, Span):
            with open(path, 'rb') as file:
                raw = raw.read(file)
        dtype = np.dtype(self.dtype)
        size = math.prod(self.shape)
        if len(raw) != size * dtype.itemsize:
            raise BadPickleError(
                f'{path}: an array of shape {shown(self.shape)} and type {dtype} has {len(raw)} bytes'
            )
        return np.frombuffer(raw, dtype).reshape(self.shape, order='F' if self.fortran else 'C').copy()


class Dtype:
    """Stand-in for ``numpy.dtype``: the code of a number's type and its byte order."""

    def __init__(self, code: Any, *_: Any) -> None:
        if not isinstance(code, str):
            raise pickle.UnpicklingError(f'an array of the type {shown(code)} is not admitted')
        try:
            dtype = np.dtype(code)
        except (TypeError, ValueError) as error:
            raise pickle.UnpicklingError(f'{shown(code)} is not a number type') from error
        if dtype.kind not in _KINDS:
            raise pickle.UnpicklingError(f'an array of the type {shown(code)} is not admitted')
        self.code = dtype.str

    def set_state(self, state: Any) -> None:
        """Take the byte order from numpy's state of a type; any other state is refused."""
        if not isinstance(state, tuple) or len(state) != _DTYPE_STATE_LENGTH:
            raise pickle.UnpicklingError('a foreign state of a numpy type')
        _, order, *parts, size, alignment, flags = state
        dtype = np.dtype(self.code)
        if order not in ('<', '>', '|', '=') or flags not in (0, _NEEDS_INIT):
            raise pickle.UnpicklingError('a foreign state of a numpy type')
        if any(part is not None for part in parts):
            raise pickle.UnpicklingError('an array of a structured type is not admitted')
        if size not in (-1, dtype.itemsize) or alignment not in (-1, dtype.alignment):
            raise pickle.UnpicklingError('a foreign size of a numpy type')
        self.code = dtype.newbyteorder(order if order != '|' else '=').str


def _new_array(*_: Any) -> LazyArray:
    return LazyArray()


def set_array_state(array: LazyArray, state: Any) -> None:
    """Fill an array from numpy's state; any other state is refused."""
    if not isinstance(state, tuple) or len(state) not in (4, 5):
        raise pickle.UnpicklingError('a foreign state of a numpy array')
    shape, dtype, fortran, data = state[-4:]
    _fill(array, shape, dtype, bool(fortran), data)


def _fill(array: LazyArray, shape: Any, dtype: Any, fortran: bool, data: Any) -> None:
    if isinstance(data, str):
        data = data.encode('latin1')  # Python 2 wrote bytes as strings
    plain = isinstance(shape, tuple) and all(isinstance(n, int) and n >= 0 for n in shape)
    if not plain or not isinstance(dtype, Dtype) or not isinstance(data, (bytes, bytearray, Span)):
        raise pickle.UnpicklingError(
            'an array that is not of plain numbers is not admitted '
            f'(shape {shown(shape)}, type {shown(getattr(dtype, "code", dtype))})'
        )
    array.shape, array.dtype, array.fortran = shape, dtype.code, fortran
    array.data = data if isinstance(data, Span) else bytes(data)


def _from_buffer(data: Any, dtype: Any, shape: Any, order: str) -> LazyArray:
    array = LazyArray()
    _fill(array, shape, dtype, order == 'F', data)
    return array


def _scalar(dtype: Any, data: Any = None) -> Any:
    scalar = LazyArray()
    _fill(scalar, (), dtype, False, data)
    if isinstance(scalar.data, Span):
        raise pickle.UnpicklingError('a numpy scalar that is not a plain number is not admitted')
    return scalar.load('').item()


def _encode(text: Any, encoding: str = 'latin1') -> bytes | Span:
    if encoding not in ('latin1', 'latin-1') or not isinstance(text, (str, Span)):
        raise pickle.UnpicklingError(f'_codecs.encode to {shown(encoding)} is not admitted')
    return text.encode('latin1') if isinstance(text, str) else text


def _no_bytes(*args: Any) -> bytes:
    if args:
        raise pickle.UnpicklingError('bytes of anything are not admitted')
    return b''  # how protocols before 3 write empty bytes


def _bytearray(*args: Any) -> bytes | Span:
    if len(args) == 2:
        return _encode(*args)
    if args and not isinstance(args[0], (bytes, Span)):
        raise pickle.UnpicklingError('a bytearray of anything but bytes is not admitted')
    return args[0] if args else b''


def check_keys(keys: Iterable) -> None:
    """Refuse keys of dictionaries and members of sets that are not text, numbers or short tuples of them."""
    for key in keys:
        parts = key if type(key) is tuple and len(key) <= _MAX_KEY_LENGTH else (key,)
        if not all(isinstance(part, _KEY_TYPES) for part in parts):
            raise pickle.UnpicklingError(
                f'a key or a member of a set that is neither text nor a number is not admitted, found a '
                f'{type(key).__name__}'
            )


def _set(members: Any = ()) -> set:
    _check_members(members)
    return set(members)


def _frozenset(members: Any = ()) -> frozenset:
    _check_members(members)
    return frozenset(members)


def _check_members(members: Any) -> None:
    if not isinstance(members, (list, tuple)):
        raise pickle.UnpicklingError(f'a set of a {type(members).__name__} is not admitted')
    check_keys(members)


def _ordered_dict(items: Any = ()) -> dict:
    if not isinstance(items, (list, tuple)) or not all(
        isinstance(item, (list, tuple)) and len(item) == 2 for item in items
    ):
        raise pickle.UnpicklingError(f'an OrderedDict of a {type(items).__name__} is not admitted')
    check_keys(key for key, _ in items)
    return dict(items)


class _Ndarray:
    """Stand-in for the class ``numpy.ndarray``, which pickles name but never call."""

    def __init__(self, *_: Any) -> None:
        raise pickle.UnpicklingError('numpy.ndarray is not called in a plain pickle')


_CONTAINERS = {
    ('collections', 'OrderedDict'): _ordered_dict,
    ('builtins', 'set'): _set,
    ('builtins', 'frozenset'): _frozenset,
    ('builtins', 'bytes'): _no_bytes,
    ('builtins', 'bytearray'): _bytearray,
}
_NUMPY = {
    ('multiarray', '_reconstruct'): _new_array,
    ('multiarray', 'scalar'): _scalar,
    ('numeric', '_frombuffer'): _from_buffer,
}
#: Allowed globals (module, name) and the stand-in for each.
ADMITTED = {
    **_CONTAINERS,
    **{('__builtin__', name): kind for (module, name), kind in _CONTAINERS.items() if module == 'builtins'},
    **{(f'numpy.{core}.{m}', name): kind for (m, name), kind in _NUMPY.items() for core in ('core', '_core')},
    ('numpy', 'ndarray'): _Ndarray,
    ('numpy', 'dtype'): Dtype,
    ('_codecs', 'encode'): _encode,
}
#: What a pickle may call, by identity.
CALLABLE = frozenset(id(value) for value in ADMITTED.values())
