"""Files that can be appended to, and truncated to an earlier length."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np


class GrowingFile:
    """A file for appending. Nothing is buffered: when :meth:`append` returns, the data have been written.

    Args:
        path: File to create or to resume.
        size: Bytes to keep of an existing file; the rest is cut off.
    """

    def __init__(self, path: Path, size: int = 0) -> None:
        self.path = path
        self.size = size
        self._file = open(path, 'r+b' if path.exists() else 'w+b', buffering=0)  # noqa: SIM115
        self.cut(size)

    def append(self, data: bytes | memoryview) -> None:
        """Write at the end. If this raises, part of the data may be in the file: :meth:`cut` removes it."""
        rest = memoryview(data).cast('B')
        while rest:  # a disk that fills up accepts one part and refuses the next
            rest = rest[self._write(rest) :]
        self.size += len(memoryview(data).cast('B'))

    def _write(self, data: memoryview) -> int:
        return self._file.write(data)

    def cut(self, size: int) -> None:
        """Truncate the file to a size."""
        self._file.truncate(size)
        self._file.seek(size)
        self.size = size

    @property
    def size_on_disk(self) -> int:
        """The file's actual size in bytes, whoever wrote them."""
        return self.path.stat().st_size

    @property
    def closed(self) -> bool:
        """Whether :meth:`close` was called."""
        return self._file.closed

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class GrowingArrayFile(GrowingFile):
    """An ``.npy`` file whose final number of rows is not known beforehand.

    The header is rewritten with the number of rows when the file is closed; numpy pads headers so that the
    first axis can grow in place.

    Args:
        path: File to create or to resume.
        row_shape: Shape of one row.
        dtype: Type of the elements.
        rows: Rows to keep of an existing file; the rest is cut off.
    """

    def __init__(self, path: Path, row_shape: tuple[int, ...], dtype: np.dtype, rows: int = 0) -> None:
        self.row_shape = row_shape
        self.dtype = np.dtype(dtype)
        self._offset = len(self._header(row_shape, self.dtype, 0))
        super().__init__(path, self._offset + rows * self.row_bytes)
        self._write_header()

    @property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        return self.dtype.itemsize * int(np.prod(self.row_shape))

    @property
    def rows(self) -> int:
        """Number of rows."""
        return (self.size - self._offset) // self.row_bytes

    @classmethod
    def whole_rows(cls, path: Path, row_shape: tuple[int, ...], dtype: np.dtype) -> int:
        """Number of complete rows in an unfinished file."""
        if not path.exists():
            return 0
        header = len(cls._header(row_shape, np.dtype(dtype), 0))
        row_bytes = np.dtype(dtype).itemsize * int(np.prod(row_shape))
        return max(0, path.stat().st_size - header) // row_bytes

    def append_rows(self, rows: np.ndarray) -> None:
        """Append rows [n, *row_shape] to the existing ones; see :meth:`append` about failures."""
        self.append(np.ascontiguousarray(rows, self.dtype).data)

    def read_rows(self, first: int, count: int) -> np.ndarray:
        """Some of the rows that are there, [count, *row_shape]."""
        offset = self._offset + first * self.row_bytes
        values = np.fromfile(self.path, self.dtype, count * int(np.prod(self.row_shape)), offset=offset)
        return values.reshape(count, *self.row_shape)

    def close(self) -> None:
        """Write the header for the existing rows, and close."""
        if not self.closed:
            try:
                self._write_header()
            finally:
                super().close()

    @staticmethod
    def _header(row_shape: tuple[int, ...], dtype: np.dtype, rows: int) -> bytes:
        buffer = io.BytesIO()
        np.lib.format.write_array_header_1_0(
            buffer,
            dict(descr=np.lib.format.dtype_to_descr(dtype), fortran_order=False, shape=(rows, *row_shape)),
        )
        return buffer.getvalue()

    def _write_header(self) -> None:
        self._file.seek(0)
        self._file.write(self._header(self.row_shape, self.dtype, self.rows))
        self._file.seek(self.size)
