"""Reading a third party's pickle without running its code.

A pickle is a program. This reader allows the instructions that build plain containers, numbers, strings and
numpy arrays, and refuses every other global by name. Large arrays are not read: the result contains
:class:`LazyArray`. An annotation file of gigabytes thus takes little memory.
"""

from __future__ import annotations

import pickle
import struct
from pathlib import Path
from typing import Any, BinaryIO

from mmactrep.files import reason, shown

from .pickle_globals import (
    ADMITTED,
    CALLABLE,
    BadPickleError,
    Dtype,
    LazyArray,
    Span,
    check_keys,
    set_array_state,
)

# Contents shorter than this (ids, names, small arrays) are read at once.
_LAZY_BYTES = 512
# One byte in the file can take sixty in memory. NTU RGB+D 120 has 114,480 clips of some forty values.
_MAX_INSTRUCTIONS = 20_000_000


class SafeUnpickler(pickle._Unpickler):
    """Unpickler of plain containers and arrays.

    It builds on the standard library's Python unpickler, whose instructions can be overridden one by one: so
    it can skip the contents of arrays, and call nothing but the stand-ins above.

    Args:
        file: The file, opened binary and seekable.
        size: Its size in bytes, against which the lengths in it are checked.
    """

    dispatch = dict(pickle._Unpickler.dispatch)

    def __init__(self, file: BinaryIO, size: int) -> None:
        # Python 2's pickles store bytes as strings; latin1 keeps them
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
        """Run the pickle: the standard library's loop, with a limit on the number of instructions.

        Raises:
            UnpicklingError: If the pickle does something that is not allowed, or too much.
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
        """The stand-in of an allowed global.

        Raises:
            UnpicklingError: For any other global; the message names it.
        """
        try:
            return ADMITTED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(
                f"the global '{module[:80]}.{name[:80]}' is not admitted; only plain containers and numpy "
                'arrays are'
            ) from None

    def persistent_load(self, pid: Any) -> Any:
        """Refuse references to objects outside the file."""
        raise pickle.UnpicklingError('references to outside objects are not admitted')

    def get_extension(self, code: int) -> Any:
        """Refuse globals by extension code."""
        raise pickle.UnpicklingError(f'the extension code {code} is not admitted')

    def _instantiate(self, klass: Any, args: list) -> None:
        if id(klass) not in CALLABLE:
            raise pickle.UnpicklingError(f'calling {shown(klass)} is not admitted')
        self.append(klass(*args))

    def _reduce(self) -> None:
        args = self.stack.pop()
        if not isinstance(args, tuple):
            raise pickle.UnpicklingError('a call without a tuple of arguments is not admitted')
        self._instantiate(self.stack.pop(), args)

    def _set_item(self) -> None:
        check_keys([self.stack[-2]])
        self.load_setitem()

    def _set_items(self) -> None:
        check_keys(self.stack[::2])
        self.load_setitems()

    def _make_dict(self) -> None:
        check_keys(self.stack[::2])
        self.load_dict()

    def _add_items(self) -> None:
        check_keys(self.stack)
        self.load_additems()

    def _make_frozenset(self) -> None:
        check_keys(self.stack)
        self.load_frozenset()

    def _build(self) -> None:
        state = self.stack.pop()
        target = self.stack[-1]
        if isinstance(target, LazyArray):
            set_array_state(target, state)
        elif isinstance(target, Dtype):
            target.set_state(state)
        else:
            raise pickle.UnpicklingError(f'setting the state of a {type(target).__name__} is not admitted')

    def _refuse(self) -> None:
        raise pickle.UnpicklingError('building an object of a class is not admitted')

    def _skip_frame(self) -> None:
        # Frames only say how much to buffer. Unbuffered, the file's position is that of the instruction.
        self.read(8)

    def _take(self, width: int, is_text: bool, mutable: bool = False) -> None:
        (length,) = struct.unpack('<I' if width == 4 else '<Q', self.read(width))
        offset = self._file.tell()
        if offset + length > self._size:
            raise pickle.UnpicklingError(
                f'truncated: {length} bytes are announced at byte {offset}, the file has {self._size}'
            )
        if length >= _LAZY_BYTES:
            self.append(Span(offset, length, is_text))
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
        BadPickleError: If the file is truncated, is not a pickle, or asks for anything else. The message
            names the file, and the global if there is one.
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
    except Exception as error:  # bytes that are not a pickle can raise anything in the unpickler
        raise BadPickleError(
            f'{path}: not a plain pickle ({type(error).__name__}: {reason(error)})'
        ) from error
