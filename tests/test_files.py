"""The border to foreign files: what is sound is read, everything else is refused in one line, in bounds."""

from __future__ import annotations

import json
import os
import struct
import threading
import tracemalloc
import zipfile

import numpy as np
import pytest

from mmactrep.errors import UserError
from mmactrep.files import (
    BadFileError,
    read_array,
    read_arrays,
    read_bytes,
    read_json,
    read_text,
    reading,
    reason,
    shown,
)


@pytest.fixture
def refused():
    """Reading must end with one short line, before it took memory for what the file promises."""

    def check(read, path, pattern, most_bytes=100 << 20, **options):
        tracemalloc.start()
        try:
            with pytest.raises(BadFileError, match=pattern) as caught:
                read(path, **options)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        line = str(caught.value)
        assert line.startswith(str(path)) and '\n' not in line and len(line) < 400
        assert peak < most_bytes

    return check


def npy(descr="'<f4'", shape='(2, 3)', content=bytes(24), version=(1, 0), order='False') -> bytes:
    """An ``.npy`` file by hand: any header, any content."""
    header = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n".encode()
    length = struct.pack('<H' if version[0] == 1 else '<I', len(header))
    return b'\x93NUMPY' + bytes(version) + length + header + content


def npz(path, **members: bytes):
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f'{name}.npy', content)
    return path


class TestText:
    @pytest.mark.parametrize('encoding', ['utf-8', 'utf-8-sig', 'utf-16', 'utf-16-le-bom', 'utf-16-be-bom'])
    def test_encodings_that_name_themselves(self, tmp_path, encoding):
        text = 'Gehen,0\nläuft,1\n走る,2\n'
        if encoding.endswith('-bom'):
            content = ('\ufeff' + text).encode(encoding[:-4])
        else:
            content = text.encode(encoding)
        path = tmp_path / 'list.csv'
        path.write_bytes(content)
        assert read_text(path) == text

    def test_line_ends_are_kept(self, tmp_path):
        path = tmp_path / 'list.csv'
        path.write_bytes(b'a\r\nb\n')
        assert read_text(path) == 'a\r\nb\n'

    @pytest.mark.parametrize(
        ('content', 'pattern'),
        [
            ('läuft'.encode('latin-1'), 'UTF-8.*0xe4 in position 1'),
            ('walk'.encode('utf-16-le'), 'NUL characters'),
            ('walk'.encode('utf-32'), 'NUL characters'),
            (b'\xff\xfew', 'truncated data'),
            (bytes(64), 'NUL characters'),
        ],
        ids=['latin-1', 'utf-16 unmarked', 'utf-32', 'utf-16 truncated', 'binary'],
    )
    def test_other_content_is_refused(self, tmp_path, refused, content, pattern):
        path = tmp_path / 'list.csv'
        path.write_bytes(content)
        refused(read_text, path, pattern)

    def test_size(self, tmp_path, refused):
        path = tmp_path / 'list.csv'
        path.write_bytes(b'x' * 101)
        refused(read_bytes, path, 'would take 101 bytes, at most 100', max_bytes=100)
        assert read_bytes(path, max_bytes=101) == b'x' * 101

    def test_a_sparse_file_takes_no_memory(self, tmp_path, refused):
        path = tmp_path / 'list.csv'
        with open(path, 'wb') as file:
            file.truncate(1 << 40)
        refused(read_text, path, 'would take 1,099,511,627,776 bytes')

    @pytest.mark.parametrize('read', [read_bytes, read_text, read_json, read_array, read_arrays])
    def test_what_is_no_file(self, tmp_path, refused, read):
        refused(read, tmp_path, 'expected .*, found a folder')
        refused(read, f'{tmp_path}/a\0b', 'null')
        with pytest.raises(FileNotFoundError):
            read(tmp_path / 'absent')

    def test_a_pipe_is_read_to_its_end(self, tmp_path):
        os.mkfifo(tmp_path / 'pipe')
        writer = threading.Thread(target=(tmp_path / 'pipe').write_text, args=('walk\n' * 10,))
        writer.start()
        assert read_text(tmp_path / 'pipe') == 'walk\n' * 10
        writer.join()

    @pytest.mark.skipif(not os.path.exists('/dev/zero'), reason='needs /dev/zero')
    def test_a_file_without_end_is_refused(self, refused):
        refused(read_bytes, '/dev/zero', 'more than the 5,000,000 bytes', max_bytes=5_000_000)


class TestJson:
    def test_what_is_sound(self, tmp_path):
        content = {'clips': [1, 2.5, None, True, 'läuft'], 'largest': 2**64 - 1, 'least': -(2**63)}
        path = tmp_path / 'a.json'
        path.write_text(json.dumps(content), encoding='utf-8-sig')
        assert read_json(path) == content

    @pytest.mark.parametrize(
        ('text', 'pattern'),
        [
            ('[' * 10**6, 'nested too deeply'),
            ('{"a":' * 10**6, 'nested too deeply'),
            ('[' + '7' * 5000 + ']', 'a whole number of 5,000 digits'),
            ('[-' + '7' * 4000 + ']', 'digits'),
            ('{"a": [1, 2', "Expecting ',' delimiter"),
            ('', 'Expecting value'),
            ('walk 0', 'Expecting value'),
            ('{"a": 1} {"b": 2}', 'Extra data'),
            ('{"a": 1, "b": 2, "a": 3}', "the key 'a' occurs twice"),
            ('[{"x": {"' + 'k' * 5000 + '": 1, "' + 'k' * 5000 + '": 1}}]', 'occurs twice'),
        ],
        ids=['list', 'dict', 'digits', 'negative', 'cut', 'empty', 'text', 'two', 'repeated', 'long key'],
    )
    def test_what_is_refused(self, tmp_path, refused, text, pattern):
        path = tmp_path / 'a.json'
        path.write_text(text)
        refused(read_json, path, f'expected JSON: .*{pattern}')


class TestArray:
    @pytest.mark.parametrize('dtype', ['<f4', '>f8', '<f2', '|b1', '<i8', '<u2', '<U5', '|S3'])
    @pytest.mark.parametrize('order', ['C', 'F'])
    def test_equals_numpy(self, tmp_path, rng, dtype, order):
        array = np.asarray(rng.integers(0, 2, (4, 3, 2)).astype(dtype), order=order)
        np.save(tmp_path / 'a.npy', array)
        found = read_array(tmp_path / 'a.npy')
        assert found.dtype == array.dtype and found.flags.writeable
        np.testing.assert_array_equal(found, np.load(tmp_path / 'a.npy'))

    @pytest.mark.parametrize('shape', [(), (0,), (0, 5), (3, 0, 10**9)])
    def test_few_or_no_elements(self, tmp_path, shape):
        np.save(tmp_path / 'a.npy', np.ones(shape))
        assert read_array(tmp_path / 'a.npy').shape == shape

    def test_the_second_version_of_the_format(self, tmp_path):
        path = tmp_path / 'a.npy'
        path.write_bytes(npy(version=(2, 0), content=np.arange(6, dtype='<f4').tobytes()))
        np.testing.assert_array_equal(read_array(path), np.arange(6).reshape(2, 3))

    @pytest.mark.parametrize(
        ('content', 'pattern'),
        [
            (npy(shape='(1000000000000,)'), 'would take 4,000,000,000,000 bytes'),
            (npy(shape='(100000000,)'), r'should have shape \(100000000,\).*the file is shorter'),
            (npy(shape=f'({10**30},)'), 'would take'),
            (npy(shape=f'(0, {10**30})'), 'array'),
            (npy(shape='(-2, 3)'), r'shape \(-2, 3\)'),
            (npy(shape='(2.5, 3)'), 'shape'),
            (npy(shape=str((1,) * 100)), 'array'),
            (npy(content=bytes(23)), 'the file is shorter'),
            (npy(content=bytes(25)), 'the file continues after it'),
            (npy("'|O'"), 'holds Python objects'),
            (npy("'<c8'", content=bytes(48)), 'values of type .*complex64'),
            (npy("'<M8[s]'", content=bytes(48)), 'values of type'),
            (npy("[('x', '<f4')]"), 'values of type'),
            (npy("[('x', '<f4', (1000000, 1000))]"), 'array'),
            (npy("'<U0'", shape='(1000000000000,)'), 'array'),
            (npy("'<U400000000'", shape='(9,)'), 'would take'),
            (npy("'no type'"), 'array'),
            (npy("'<f4'", order='3'), 'array'),
            (npy('[' * 5000), 'array'),
            (npy('-' * 9000), 'array'),
            (npy("'" + 'f' * 9000 + "'"), 'array'),
            (npy('"""'), 'array'),
            (npy("'<f4'" + ' ' * 20000), 'the header of the array would take'),
            (npy(version=(2, 0))[:8] + b'\xff\xff\xff\xff', 'the header of the array would take'),
            (npy(version=(3, 0)), r'version \(3, 0\)'),
            (npy()[:9], 'array'),
            (npy()[:40], 'array'),
            (b'', 'array'),
            (b'PK\x03\x04' + bytes(100), 'array'),
            (b'\x80\x04\x95' + bytes(100), 'array'),
        ],
    )
    def test_what_is_refused(self, tmp_path, refused, content, pattern):
        path = tmp_path / 'a.npy'
        path.write_bytes(content)
        refused(read_array, path, pattern, most_bytes=10 << 20)

    def test_the_caller_sets_the_bound(self, tmp_path, refused):
        np.save(tmp_path / 'a.npy', np.zeros(1000, np.float32))
        refused(read_array, tmp_path / 'a.npy', 'would take 4,000 bytes, at most 3,999', max_bytes=3999)
        assert read_array(tmp_path / 'a.npy', max_bytes=4000).shape == (1000,)


class TestArrays:
    @pytest.mark.parametrize('save', [np.savez, np.savez_compressed])
    def test_equals_numpy(self, tmp_path, rng, save):
        arrays = dict(keypoint=rng.normal(size=(2, 5, 17, 2)).astype(np.float32), names=np.array(['a', 'bc']))
        save(tmp_path / 'a.npz', **arrays)
        found = read_arrays(tmp_path / 'a.npz')
        assert list(found) == list(arrays)
        for name, array in arrays.items():
            np.testing.assert_array_equal(found[name], array)

    def test_many_zeros_are_no_bomb(self, tmp_path):
        np.savez_compressed(tmp_path / 'a.npz', score=np.zeros((10, 1 << 18), np.float32))
        assert read_arrays(tmp_path / 'a.npz')['score'].shape == (10, 1 << 18)

    def test_a_deflate_bomb(self, tmp_path, refused):
        # 600 MB of zeros in 0.6 MB, written in pieces
        path = tmp_path / 'a.npz'
        with (
            zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
            archive.open('bomb.npy', 'w') as member,
        ):
            member.write(npy(shape='(150000000,)', content=b''))
            for _ in range(600):
                member.write(bytes(10**6))
        refused(read_arrays, path, 'its arrays would take 600,.* bytes, at most', most_bytes=10 << 20)

    def test_a_bomb_that_claims_to_be_small(self, tmp_path, refused):
        path = npz(tmp_path / 'a.npz', bomb=npy(shape='(1000000,)', content=bytes(4_000_000)))
        content = path.read_bytes()
        size = struct.pack('<I', 4_000_000 + len(npy(shape='(1000000,)', content=b'')))
        assert content.count(size) == 2
        path.write_bytes(content.replace(size, struct.pack('<I', 200)))
        refused(read_arrays, path, 'Bad CRC-32|the file is shorter', most_bytes=3_000_000)

    def test_an_encrypted_member(self, tmp_path, refused):
        path = npz(tmp_path / 'a.npz', x=npy())
        content = bytearray(path.read_bytes())
        content[6] |= 1  # the flag, in the member's header and in the directory
        content[content.index(b'PK\x01\x02') + 8] |= 1
        path.write_bytes(content)
        refused(read_arrays, path, 'encrypted')

    def test_a_damaged_member(self, tmp_path, refused):
        path = tmp_path / 'a.npz'
        np.savez(path, x=np.arange(1000.0))
        content = bytearray(path.read_bytes())
        content[5000] ^= 1
        path.write_bytes(content)
        refused(read_arrays, path, 'CRC-32')

    @pytest.mark.parametrize('share', [0.02, 0.3, 0.95])
    def test_a_truncated_archive(self, tmp_path, refused, share):
        path = tmp_path / 'a.npz'
        np.savez(path, x=np.arange(1000.0), y=np.ones(3))
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * share)])
        refused(read_arrays, path, r'expected arrays \(.npz\)')

    def test_other_archives(self, tmp_path, refused):
        path = tmp_path / 'a.npz'
        with zipfile.ZipFile(path, 'w') as archive:
            archive.writestr('data.pkl', b'x')
        refused(read_arrays, path, "found 'data.pkl' in it")
        with zipfile.ZipFile(path, 'w', zipfile.ZIP_LZMA) as archive:
            archive.writestr('x.npy', npy())
        refused(read_arrays, path, 'compression')
        with zipfile.ZipFile(path, 'w') as archive, pytest.warns(UserWarning, match='Duplicate'):
            archive.writestr('x.npy', npy())
            archive.writestr('x.npy', npy())
        refused(read_arrays, path, "array 'x' is in it twice")
        refused(read_arrays, npz(path, x=npy("'|O'")), "array 'x' holds Python objects")
        np.save(tmp_path / 'b.npz.npy', np.ones(3))
        refused(read_arrays, tmp_path / 'b.npz.npy', 'not a zip file')


class TestReading:
    def test_what_parsing_raises_becomes_one_line(self):
        for error in (
            KeyError('joints'),
            ZeroDivisionError('x'),
            OverflowError('int too large'),
            IndexError(),
        ):
            refusal = pytest.raises(BadFileError, match=r'^a\.bvh: expected a capture: ')
            with refusal as caught, reading('a.bvh', 'a capture'):
                raise error
            assert caught.value.__cause__ is error

    def test_what_is_no_fault_of_the_file_stays(self):
        class OwnError(UserError):
            pass

        for error in (
            OwnError('a.bvh: two roots'),
            FileNotFoundError(2, 'absent'),
            AssertionError(),
            KeyboardInterrupt(),
        ):
            with pytest.raises(type(error)) as caught, reading('a.bvh', 'a capture'):
                raise error
            assert caught.value is error

    def test_the_class_of_the_error(self):
        class OwnError(UserError):
            pass

        with pytest.raises(OwnError), reading('a.bvh', 'a capture', OwnError):
            raise ValueError

    @pytest.mark.parametrize(
        ('error', 'text'),
        [
            (ValueError('first\nsecond'), 'first'),
            (ValueError('x' * 1000), 'x' * 200 + ' ...'),
            (ValueError(), 'ValueError'),
            (KeyError('joints'), "'joints' is missing"),
            (PermissionError(13, 'Permission denied', 'a.bvh'), 'Permission denied'),
            (RecursionError('maximum depth'), 'it is nested too deeply'),
            (MemoryError(), 'it does not fit into memory'),
        ],
    )
    def test_reasons(self, error, text):
        assert reason(error) == text

    def test_showing_a_value_is_bounded(self):
        value: object = 'x'
        for _ in range(60):  # printed in full it has 2**60 letters
            value = (value, value)
        assert len(shown(value)) < 100
        assert len(shown('x' * 10**7)) < 100
        assert shown(10**5000) == 'a whole number of 16,610 bits'  # too long for Python to write
        assert len(reason(KeyError(value))) < 250
        assert shown('walk') == "'walk'"
