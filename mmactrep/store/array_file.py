"""An ``.npy`` file that grows row by row."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np


class GrowingArrayFile:
    """Appends rows to an ``.npy`` file whose final length is not known beforehand.

    The header is written for the number of rows there are when the file is closed; numpy pads
    headers so that the first axis can grow in place.

    Args:
        path: File to create or to take up again.
        row_shape: Shape of one row.
        dtype: Type of the elements.
        rows: Rows to keep of an existing file; what lies behind them is cut off.
    """

    def __init__(self, path: Path, row_shape: tuple[int, ...], dtype: np.dtype, rows: int = 0) -> None:
        self.path = path
        self.row_shape = row_shape
        self.dtype = np.dtype(dtype)
        self.rows = rows
        self._file = open(path, 'r+b' if path.exists() else 'w+b')  # noqa: SIM115
        self._write_header()
        self._file.truncate(self._offset + rows * self.row_bytes)
        self._file.seek(0, io.SEEK_END)

    @property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        return self.dtype.itemsize * int(np.prod(self.row_shape))

    @classmethod
    def whole_rows(cls, path: Path, row_shape: tuple[int, ...], dtype: np.dtype) -> int:
        """How many whole rows an unfinished file holds."""
        if not path.exists():
            return 0
        header = len(cls._header(row_shape, np.dtype(dtype), 0))
        row_bytes = np.dtype(dtype).itemsize * int(np.prod(row_shape))
        return max(0, path.stat().st_size - header) // row_bytes

    def append(self, rows: np.ndarray) -> None:
        """Write rows [n, *row_shape] behind those there are."""
        self._file.write(np.ascontiguousarray(rows, self.dtype).data)
        self.rows += len(rows)

    def flush(self) -> None:
        """Hand what was appended to the operating system."""
        self._file.flush()

    def close(self) -> None:
        """Write the header for the rows there are, and close."""
        if not self._file.closed:
            self._write_header()
            self._file.close()

    @staticmethod
    def _header(row_shape: tuple[int, ...], dtype: np.dtype, rows: int) -> bytes:
        buffer = io.BytesIO()
        np.lib.format.write_array_header_1_0(
            buffer,
            dict(descr=np.lib.format.dtype_to_descr(dtype), fortran_order=False, shape=(rows, *row_shape)),
        )
        return buffer.getvalue()

    def _write_header(self) -> None:
        header = self._header(self.row_shape, self.dtype, self.rows)
        self._offset = len(header)
        self._file.seek(0)
        self._file.write(header)
