"""Pickles of others: plain ones are read, whatever their protocol; everything else is refused by name."""

from __future__ import annotations

import collections
import fractions
import io
import os
import pickle
import pickletools
import tracemalloc

import numpy as np
import pytest

from mmactrep.datasets.converters.safe_pickle import LazyArray, load_plain_pickle

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def materialize(value, path):
    """The content with arrays in place of lazy ones."""
    if isinstance(value, LazyArray):
        return value.load(path)
    if isinstance(value, dict):
        return {key: materialize(item, path) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(materialize(item, path) for item in value)
    return value


def same(first, second):
    if isinstance(second, np.ndarray):
        assert isinstance(first, np.ndarray) and first.dtype == second.dtype
        np.testing.assert_array_equal(first, second)
    elif isinstance(second, dict):
        assert list(first) == list(second)
        for key in second:
            same(first[key], second[key])
    elif isinstance(second, (list, tuple)):
        assert len(first) == len(second) and isinstance(first, type(second))
        for one, other in zip(first, second):
            same(one, other)
    else:
        assert first == second and isinstance(first, type(second))


def content():
    rng = np.random.default_rng(0)
    shared = rng.normal(size=(3, 4)).astype(np.float32)
    return dict(
        split=dict(train=['a', 'b'], val=('c',), more={'x', 'y'}),
        numbers=[1, -2, 2**40, 2**70, 1.5, None, True, 'é'],
        arrays=[
            rng.normal(size=(2, 30, 17, 2)).astype(np.float16),
            rng.normal(size=(2, 30, 17, 3)),
            np.asfortranarray(rng.normal(size=(40, 50)).astype(np.float32)),
            rng.normal(size=(40, 50)).astype('>f4'),
            rng.integers(0, 255, (5, 5), np.uint8),
            rng.normal(size=(40, 50))[::2, ::3],
            np.zeros((0, 17, 2), np.float32),
            np.arange(5) > 2,
            np.array(['walk', 'run']),
        ],
        twice=[shared, shared],
        bytes=b'\x00\xff',
        ordered=collections.OrderedDict(b=1, a=2),
    )


@pytest.mark.parametrize('protocol', PROTOCOLS)
def test_plain_content_of_every_protocol(tmp_path, protocol):
    path = tmp_path / 'a.pkl'
    path.write_bytes(pickle.dumps(content(), protocol))
    same(materialize(load_plain_pickle(path), path), {**content(), 'ordered': dict(b=1, a=2)})


@pytest.mark.parametrize('protocol', PROTOCOLS)
def test_numpy_scalars_become_numbers(tmp_path, protocol):
    path = tmp_path / 'a.pkl'
    path.write_bytes(pickle.dumps([np.float32(0.5), np.int64(7), np.bool_(True)], protocol))
    loaded = load_plain_pickle(path)
    assert loaded == [0.5, 7, True]
    assert [type(value) for value in loaded] == [float, int, bool]


def test_large_arrays_are_left_in_the_file(tmp_path):
    array = np.random.default_rng(0).normal(size=(50, 100, 100))  # 4 MB
    for protocol in (2, 3, 4, 5):
        path = tmp_path / f'{protocol}.pkl'
        path.write_bytes(pickle.dumps([dict(keypoint=array + i) for i in range(5)], protocol))
        tracemalloc.start()
        loaded = load_plain_pickle(path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 1e6
        assert len(pickle.dumps(loaded)) < 10_000  # what travels to a worker
        np.testing.assert_array_equal(loaded[3]['keypoint'].load(path), array + 3)


class _Call:
    """Pickles as a call of anything."""

    def __init__(self, function, *args):
        self.call = function, args

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize('protocol', PROTOCOLS)
@pytest.mark.parametrize(
    ('payload', 'name'),
    [
        (lambda mark: _Call(os.system, f'touch {mark}'), 'posix.system'),
        (lambda mark: _Call(eval, f'open({str(mark)!r}, "w")'), 'eval'),
        (lambda mark: dict(annotations=[_Call(open, str(mark), 'w')]), 'io.open'),
        (lambda mark: _Call(getattr, np.zeros(3), 'tofile'), 'getattr'),
        (lambda mark: fractions.Fraction(1, 2), 'fractions.Fraction'),
        (lambda mark: os.path.join, 'posixpath.join'),
        (lambda mark: np.random.default_rng(0), 'numpy.random'),
    ],
)
def test_malicious_pickles_are_refused_by_name(tmp_path, protocol, payload, name):
    mark = tmp_path / 'mark'
    path = tmp_path / 'evil.pkl'
    path.write_bytes(pickle.dumps(payload(mark), protocol))
    with pytest.raises(pickle.UnpicklingError, match=rf"evil.pkl: the global '.*{name}.*' is not admitted"):
        load_plain_pickle(path)
    assert not mark.exists()


@pytest.mark.parametrize(
    'program',
    [
        b'cos\nsystem\n(S"true"\ntR.',
        b'(S"true"\nios\nsystem\n.',
        b'(cos\nsystem\nS"true"\no.',
        b'\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.',
        b'\x80\x02cnumpy\nndarray\n)\x81.',  # object of a class
        b'\x80\x02cnumpy\nndarray\n}b.',  # state of a class
        b'\x80\x02cnumpy\nndarray\n)R.',  # call of the stand-in
        b'\x80\x02U\x04abcdQ.',  # outside object
        b'\x80\x02\x82\x01.',  # extension
        b'cnumpy\ndtype\n(S"O8"\ntR.',
        b'cnumpy\ndtype\n(S"V8"\ntR.',
        b'c__builtin__\nbytearray\n(I1000000000000\ntR.',
        b'c_codecs\nencode\n(Vabc\nVrot13\ntR.',
        b'c__builtin__\nbytes\n(I1000000000000\ntR.',
        b'\x80\x04\x8c\x05numpy\x8c\x0dndarray.dumps\x93.',  # dotted name
    ],
)
def test_hand_made_programs_are_refused(tmp_path, program):
    path = tmp_path / 'evil.pkl'
    path.write_bytes(program)
    with pytest.raises(pickle.UnpicklingError, match=r'evil.pkl'):
        load_plain_pickle(path)


@pytest.mark.parametrize(
    'array', [np.array([1, 'a', None], object), np.zeros(3, [('x', 'f4'), ('y', 'i4')]), np.zeros(3, 'M8[s]')]
)
def test_arrays_of_other_things_than_numbers_are_refused(tmp_path, array):
    path = tmp_path / 'a.pkl'
    path.write_bytes(pickle.dumps(array))
    with pytest.raises(pickle.UnpicklingError, match=r'a.pkl: .*not admitted'):
        load_plain_pickle(path)


@pytest.mark.parametrize('protocol', PROTOCOLS)
def test_every_truncation_is_noticed(tmp_path, protocol):
    path = tmp_path / 'a.pkl'
    whole = pickle.dumps([dict(frame_dir='a', keypoint=np.arange(600.0)), dict(label=3)], protocol)
    rng = np.random.default_rng(protocol)
    for length in {0, 1, 2, len(whole) - 1, *rng.integers(3, len(whole) - 1, 60).tolist()}:
        path.write_bytes(whole[:length])
        with pytest.raises(pickle.UnpicklingError, match=r'a.pkl'):
            load_plain_pickle(path)


def test_random_bytes_never_get_through(tmp_path):
    """Flipped bytes lead to an error of ours or to plain content, and to nothing else."""
    path = tmp_path / 'a.pkl'
    whole = pickle.dumps(dict(split=dict(a=['b']), annotations=[dict(x=np.arange(6.0), y=np.int64(3))]), 4)
    rng = np.random.default_rng(0)
    plain = (
        dict,
        list,
        tuple,
        set,
        frozenset,
        str,
        bytes,
        bytearray,
        int,
        float,
        bool,
        type(None),
        LazyArray,
    )
    refused = 0
    for _ in range(400):
        damaged = bytearray(whole)
        damaged[rng.integers(len(whole))] = rng.integers(256)
        path.write_bytes(damaged)
        try:
            loaded = load_plain_pickle(path)
        except pickle.UnpicklingError:
            refused += 1
        else:
            assert isinstance(loaded, plain) or type(loaded).__module__.endswith('pickle_globals')
    assert 50 < refused < 400


def test_foreign_file(tmp_path):
    path = tmp_path / 'a.pkl'
    path.write_text('{"frames": []}')
    with pytest.raises(pickle.UnpicklingError, match=r'a.pkl'):
        load_plain_pickle(path)
    with pytest.raises(FileNotFoundError):
        load_plain_pickle(tmp_path / 'absent.pkl')


def test_python_2_pickle(tmp_path):
    """Protocol 2 as Python 2 wrote it: byte strings where Python 3 has text and bytes."""
    path = tmp_path / 'a.pkl'
    numbers = np.arange(4, dtype='<f4')
    program = io.BytesIO()
    program.write(b'\x80\x02cnumpy.core.multiarray\n_reconstruct\n')
    program.write(
        b'cnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01K\x04\x85cnumpy\ndtype\nU\x02f4K\x00K\x01\x87R'
    )
    program.write(b'(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U\x10' + numbers.tobytes())
    program.write(b'tb.')
    pickletools.dis(program.getvalue(), io.StringIO())  # it is a valid program
    path.write_bytes(program.getvalue())
    np.testing.assert_array_equal(load_plain_pickle(path).load(path), numbers)
