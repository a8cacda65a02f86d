"""Reading a third party's pickle without running what it says.

A pickle is a program. This reader admits the instructions that build plain containers, numbers, strings and
numpy arrays, and refuses every other global by name. Large arrays are not read: the result holds
:class:`LazyArray`, which knows where in the file its numbers lie. An annotation file of gigabytes thus costs
little memory.
"""

from __future__ import annotations

import math
import pickle
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from mmactrep.files import MAX_ARRAY_BYTES, BadFileError, reason, shown

# Contents shorter than this (ids, names, small arrays) are read at once.
_LAZY_BYTES = 512

_KINDS = frozenset('biufcU')
# Python hashes nested tuples by recursion in C, without a bound: deep ones overrun the stack, ones that hold
# one another twice take for ever.
_KEY_TYPES = (str, bytes, int, float, type(None))
_MAX_KEY_LENGTH = 16
# state of a dtype of numbers or text: version, order, three parts of structured types, size, alignment, flags
_DTYPE_STATE_LENGTH = 8
# A value of one byte can take sixty in memory. NTU RGB+D 120 has 114,480 clips of some forty values.
_MAX_INSTRUCTIONS = 20_000_000
_NEEDS_INIT = 8  # numpy's flag of text arrays


class BadPickleError(BadFileError, pickle.UnpicklingError):
    """A pickle that is truncated, or asks for more than plain containers and arrays."""


@dataclass(frozen=True)
class _Span:
    """Bytes in the file that are not read yet."""

    offset: int
    length: int
    is_text: bool

    def read(self, file: BinaryIO) -> bytes:
        file.seek(self.offset)
        raw = file.read(self.length)
        # protocol 2 has no bytes: they are written as text whose characters are the bytes
        return raw.decode('utf-8', 'surrogatepass').encode('latin1') if self.is_text else raw


@dataclass
class LazyArray:
    """An array in a pickle, to be read by :meth:`load`. It travels to other processes without its numbers."""

    shape: tuple[int, ...] = ()
    dtype: str = 'u1'
    fortran: bool = False
    data: bytes | _Span = b''

    def load(self, path: str | Path) -> np.ndarray:
        """The array, from the file that it was found in.

        Raises:
            BadPickleError: If the bytes there do not fill the shape, or are more than are read.
        """
        raw = self.data
        if isinstance(raw, _Span) and raw.length > MAX_ARRAY_BYTES:
            raise BadPickleError(
                f'{path}: an array of {raw.length:,} bytes, at most {MAX_ARRAY_BYTES:,} are read'
            )
        if isinstance(raw, _Span):
            with open(path, 'rb') as file:
                raw = raw.read(file)
        dtype = np.dtype(self.dtype)
        size = math.prod(self.shape)
        if len(raw) != size * dtype.itemsize:
            raise BadPickleError(
                f'{path}: an array of shape {shown(self.shape)} and type {dtype} has {len(raw)} bytes'
            )
        return np.frombuffer(raw, dtype).reshape(self.shape, order='F' if self.fortran else 'C').copy()


class _Dtype:
    """Stands in for ``numpy.dtype``: the code of a number's type and its byte order."""

    def __init__(self, code: Any, *_: Any) -> None:
        if not isinstance(code, str):
            raise pickle.UnpicklingError(f'an array of the type {shown(code)} is not admitted')
        try:
            dtype = np.dtype(code)
        except (TypeError, ValueError) as error:
            raise pickle.UnpicklingError(f'{shown(code)} is no type of numbers') from error
        if dtype.kind not in _KINDS:
            raise pickle.UnpicklingError(f'an array of the type {shown(code)} is not admitted')
        self.code = dtype.str

    def set_state(self, state: Any) -> None:
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


def _set_array_state(array: LazyArray, state: Any) -> None:
    if not isinstance(state, tuple) or len(state) not in (4, 5):
        raise pickle.UnpicklingError('a foreign state of a numpy array')
    shape, dtype, fortran, data = state[-4:]
    _fill(array, shape, dtype, bool(fortran), data)


def _fill(array: LazyArray, shape: Any, dtype: Any, fortran: bool, data: Any) -> None:
    if isinstance(data, str):
        data = data.encode('latin1')  # Python 2 wrote bytes as strings
    plain = isinstance(shape, tuple) and all(isinstance(n, int) and n >= 0 for n in shape)
    if not plain or not isinstance(dtype, _Dtype) or not isinstance(data, (bytes, bytearray, _Span)):
        raise pickle.UnpicklingError(
            'an array that is not of plain numbers is not admitted '
            f'(shape {shown(shape)}, type {shown(getattr(dtype, "code", dtype))})'
        )
    array.shape, array.dtype, array.fortran = shape, dtype.code, fortran
    array.data = data if isinstance(data, _Span) else bytes(data)


def _from_buffer(data: Any, dtype: Any, shape: Any, order: str) -> LazyArray:
    array = LazyArray()
    _fill(array, shape, dtype, order == 'F', data)
    return array


def _scalar(dtype: Any, data: Any = None) -> Any:
    scalar = LazyArray()
    _fill(scalar, (), dtype, False, data)
    if isinstance(scalar.data, _Span):
        raise pickle.UnpicklingError('a numpy scalar that is no plain number is not admitted')
    return scalar.load('').item()


def _encode(text: Any, encoding: str = 'latin1') -> bytes | _Span:
    if encoding not in ('latin1', 'latin-1') or not isinstance(text, (str, _Span)):
        raise pickle.UnpicklingError(f'_codecs.encode to {shown(encoding)} is not admitted')
    return text.encode('latin1') if isinstance(text, str) else text


def _no_bytes(*args: Any) -> bytes:
    if args:
        raise pickle.UnpicklingError('bytes of anything are not admitted')
    return b''  # so protocols before 3 write empty bytes


def _bytearray(*args: Any) -> bytes | _Span:
    if len(args) == 2:
        return _encode(*args)
    if args and not isinstance(args[0], (bytes, _Span)):
        raise pickle.UnpicklingError('a bytearray of anything but bytes is not admitted')
    return args[0] if args else b''


def _check_keys(keys: Iterable) -> None:
    """Refuse keys of dictionaries and members of sets that are not text, numbers or short tuples of them."""
    for key in keys:
        parts = key if type(key) is tuple and len(key) <= _MAX_KEY_LENGTH else (key,)
        if not all(isinstance(part, _KEY_TYPES) for part in parts):
            raise pickle.UnpicklingError(
                f'a key or a member of a set that is no text and no number is not admitted, found a '
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
    _check_keys(members)


def _ordered_dict(items: Any = ()) -> dict:
    if not isinstance(items, (list, tuple)) or not all(
        isinstance(item, (list, tuple)) and len(item) == 2 for item in items
    ):
        raise pickle.UnpicklingError(f'an OrderedDict of a {type(items).__name__} is not admitted')
    _check_keys(key for key, _ in items)
    return dict(items)


class _Ndarray:
    """Stands in for the class ``numpy.ndarray``, which pickles name but which nothing here calls."""

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
_ADMITTED = {
    **_CONTAINERS,
    **{('__builtin__', name): kind for (module, name), kind in _CONTAINERS.items() if module == 'builtins'},
    **{(f'numpy.{core}.{m}', name): kind for (m, name), kind in _NUMPY.items() for core in ('core', '_core')},
    ('numpy', 'ndarray'): _Ndarray,
    ('numpy', 'dtype'): _Dtype,
    ('_codecs', 'encode'): _encode,
}
_CALLABLE = frozenset(id(value) for value in _ADMITTED.values())


class SafeUnpickler(pickle._Unpickler):
    """Unpickler of plain containers and arrays.

    It builds on the standard library's unpickler in Python, whose instructions can be overridden one by one:
    that is what lets it skip the contents of arrays, and call nothing but the stand-ins above.

    Args:
        file: The file, opened binary and seekable.
        size: Its bytes, against which the lengths that it claims are checked.
    """

    dispatch = dict(pickle._Unpickler.dispatch)

    def __init__(self, file: BinaryIO, size: int) -> None:
        # Python 2's pickles hold bytes as strings; latin1 keeps them
        super().__init__(file, fix_imports=False, encoding='latin1')
        self._file = file
        self._size = size

    def read_instruction(self) -> bytes:
        """The next instruction."""
        self._instructions += 1
        if self._instructions > _MAX_INSTRUCTIONS:
            raise pickle.UnpicklingError(f'more than {_MAX_INSTRUCTIONS:,} values')
        return self._file.read(1)

    def load(self) -> Any:
        """Run the pickle: the standard library's loop, with a bound on its instructions.

        Raises:
            UnpicklingError: If the pickle does what is not admitted, or too much.
        """
        self._instructions = 0
        self.metastack, self.stack, self.proto = [], [], 0
        self.append = self.stack.append
        self.read, self.readline, self.readinto = self._file.read, self._file.readline, self._file.readinto
        try:
            while key := self.read_instruction():
                self.dispatch[key[0]](self)
        except pickle._Stop as stop:
            return stop.value
        raise EOFError

    def find_class(self, module: str, name: str) -> Any:
        """The stand-in of an admitted global.

        Raises:
            UnpicklingError: Naming any other.
        """
        try:
            return _ADMITTED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(
                f"the global '{module[:80]}.{name[:80]}' is not admitted; only plain containers and numpy "
                'arrays are'
            ) from None

    def persistent_load(self, pid: Any) -> Any:
        """Refuse references to things outside the file."""
        raise pickle.UnpicklingError('references to outside objects are not admitted')

    def get_extension(self, code: int) -> Any:
        """Refuse globals by extension code."""
        raise pickle.UnpicklingError(f'the extension code {code} is not admitted')

    def _instantiate(self, klass: Any, args: list) -> None:
        if id(klass) not in _CALLABLE:
            raise pickle.UnpicklingError(f'calling {shown(klass)} is not admitted')
        self.append(klass(*args))

    def _reduce(self) -> None:
        args = self.stack.pop()
        if not isinstance(args, tuple):
            raise pickle.UnpicklingError('a call without a tuple of arguments is not admitted')
        self._instantiate(self.stack.pop(), args)

    def _set_item(self) -> None:
        _check_keys([self.stack[-2]])
        self.load_setitem()

    def _set_items(self) -> None:
        _check_keys(self.stack[::2])
        self.load_setitems()

    def _make_dict(self) -> None:
        _check_keys(self.stack[::2])
        self.load_dict()

    def _add_items(self) -> None:
        _check_keys(self.stack)
        self.load_additems()

    def _make_frozenset(self) -> None:
        _check_keys(self.stack)
        self.load_frozenset()

    def _build(self) -> None:
        state = self.stack.pop()
        target = self.stack[-1]
        if isinstance(target, LazyArray):
            _set_array_state(target, state)
        elif isinstance(target, _Dtype):
            target.set_state(state)
        else:
            raise pickle.UnpicklingError(f'setting the state of a {type(target).__name__} is not admitted')

    def _refuse(self) -> None:
        raise pickle.UnpicklingError('building an object of a class is not admitted')

    def _skip_frame(self) -> None:
        # Frames only tell how much to buffer. Unbuffered, the file's position is that of the instruction.
        self.read(8)

    def _take(self, width: int, is_text: bool, mutable: bool = False) -> None:
        (length,) = struct.unpack('<I' if width == 4 else '<Q', self.read(width))
        offset = self._file.tell()
        if offset + length > self._size:
            raise pickle.UnpicklingError(
                f'truncated: {length} bytes are announced at byte {offset}, the file has {self._size}'
            )
        if length >= _LAZY_BYTES:
            self.append(_Span(offset, length, is_text))
            self._file.seek(length, 1)
            return
        raw = self.read(length)
        if is_text:
            self.append(raw.decode('utf-8', 'surrogatepass'))
        else:
            self.append(bytearray(raw) if mutable else raw)

    dispatch[pickle.FRAME[0]] = _skip_frame
    dispatch[pickle.REDUCE[0]] = _reduce
    dispatch[pickle.BUILD[0]] = _build
    dispatch[pickle.SETITEM[0]] = _set_item
    dispatch[pickle.SETITEMS[0]] = _set_items
    dispatch[pickle.DICT[0]] = _make_dict
    dispatch[pickle.ADDITEMS[0]] = _add_items
    dispatch[pickle.FROZENSET[0]] = _make_frozenset
    dispatch[pickle.NEWOBJ[0]] = _refuse
    dispatch[pickle.NEWOBJ_EX[0]] = _refuse
    dispatch[pickle.BINUNICODE[0]] = lambda self: self._take(4, True)
    dispatch[pickle.BINUNICODE8[0]] = lambda self: self._take(8, True)
    dispatch[pickle.BINBYTES[0]] = lambda self: self._take(4, False)
    dispatch[pickle.BINBYTES8[0]] = lambda self: self._take(8, False)
    dispatch[pickle.BYTEARRAY8[0]] = lambda self: self._take(8, False, True)


def load_plain_pickle(path: str | Path) -> Any:
    """Read a pickle of plain containers and numpy arrays; the arrays are :class:`LazyArray`.

    Raises:
        FileNotFoundError: If there is no such file.
        BadPickleError: If the file is truncated, is no pickle, or asks for anything else. The message names
            the file, and the global if there is one.
    """
    path = Path(path)
    try:
        with open(path, 'rb') as file:
            return SafeUnpickler(file, path.stat().st_size).load()
    except pickle.UnpicklingError as error:
        raise BadPickleError(f'{path}: {reason(error)}') from error
    except (EOFError, struct.error) as error:
        raise BadPickleError(f'{path}: truncated') from error
    except OSError:
        raise
    except Exception as error:  # bytes that are no pickle lead the unpickler anywhere
        raise BadPickleError(
            f'{path}: not a plain pickle ({type(error).__name__}: {reason(error)})'
        ) from error
