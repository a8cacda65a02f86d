"""Stand-ins for numpy's classes in checkpoints: numbers come through, nothing else does."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from mmengine.logging import HistoryBuffer, MessageHub

from mmactrep.safe_checkpoints import NumberArray, NumberType, PlainHistory, load_plain


@pytest.mark.parametrize(
    'array',
    [
        np.arange(6.0).reshape(2, 3),
        np.asfortranarray(np.arange(6).reshape(2, 3)),
        np.arange(3).astype('>i4'),
        np.array([True, False]),
        np.zeros((0, 4), np.float32),
        np.float16(1.5) * np.ones((2, 1, 2), np.float16),
        np.array(3 + 4j),
    ],
    ids=lambda array: f'{array.dtype}{array.shape}',
)
def test_arrays_of_numbers_come_through(tmp_path, array):
    torch.save([dict(a=array), (array, 1), array.sum()], tmp_path / 'c.pth')
    found = load_plain(tmp_path / 'c.pth')
    for value in (found[0]['a'], found[1][0]):
        assert type(value) is np.ndarray and value.dtype == array.dtype.newbyteorder('=')
        np.testing.assert_array_equal(value, array)
        assert value.flags.writeable
    assert found[2] == array.sum()


def test_a_message_hub_of_mmengine_comes_through(tmp_path):
    hub = MessageHub('a hub')
    for value in (0.5, 1.5):
        hub.update_scalar('train/loss', value)
    hub.update_info('best', np.float64(0.25))
    torch.save(dict(message_hub=hub.state_dict()), tmp_path / 'c.pth')
    found = load_plain(tmp_path / 'c.pth')['message_hub']
    history = found['log_scalars']['train/loss']
    assert type(history) is HistoryBuffer
    assert (history.mean(), history.max(), history.current()) == (1.0, 1.5, 1.5)
    assert found['runtime_info']['best'] == 0.25


class Build:
    """Pickles as: call ``function(*arguments)``, then give the result a state."""

    def __init__(self, function, arguments, state=None):
        self.content = (function, arguments) if state is None else (function, arguments, state)

    def __reduce__(self):
        return self.content


REBUILD = np.core.multiarray._reconstruct
FLOAT = np.dtype('f8')
# the state of a float64 that says it is made of Python objects, and the file that crashed
OBJECTS_INSIDE = Build(np.dtype, ('f8', False, True), (3, '|', (FLOAT, (1,)), None, None, 8, 1, 0))
FLAGS = Build(np.dtype, ('f8', False, True), (3, '<', None, None, None, -1, -1, 63))
FIELDS = Build(np.dtype, ('f8', False, True), (3, '<', None, ('a',), {'a': (FLOAT, 0)}, 8, 1, 0))


def array(dtype, shape=(1,), content=b'\0' * 8):
    return Build(REBUILD, (np.ndarray, (0,), b'b'), (1, shape, dtype, False, content))


HOSTILE = dict(
    bytes_of_any_size=Build(bytes, (10**12,)),
    objects=Build(np.dtype, ('O8', False, True)),
    structure=Build(np.dtype, ('V8', False, True)),
    text=Build(np.dtype, ('U4', False, True)),
    subarray_state=OBJECTS_INSIDE,
    flags_state=FLAGS,
    fields_state=FIELDS,
    array_of_foreign_type=array(OBJECTS_INSIDE),
    array_type_no_type=array('f8'),
    array_larger_than_its_bytes=array(FLOAT, (2,)),
    array_of_huge_shape=array(FLOAT, (2**62, 2**62)),
    array_of_negative_shape=array(FLOAT, (-1, -1)),
    array_of_objects=array(FLOAT, (1,), [object]),
    array_of_many_axes=array(FLOAT, (1,) * 70),
    array_of_another_class=Build(REBUILD, (np.dtype, (0,), b'b')),
    array_with_room=Build(REBUILD, (np.ndarray, (10**9,), b'b')),
    array_called=Build(np.ndarray, ((10**12,), 'f8')),
    scalar_of_objects=Build(np.core.multiarray.scalar, (Build(np.dtype, ('O8', False, True)), b'\0' * 8)),
    scalar_too_short=Build(np.core.multiarray.scalar, (FLOAT, b'\0')),
    history_of_text=Build(HistoryBuffer, (), dict(max_length=5, _log_history=['a'], _count_history=[1])),
    history_without_counts=Build(HistoryBuffer, (), dict(max_length=5, _log_history=[1.0])),
    history_of_unequal_length=Build(
        HistoryBuffer, (), dict(max_length=5, _log_history=[1.0], _count_history=[])
    ),
    history_state_no_dictionary=Build(HistoryBuffer, (), [1]),
)


@pytest.mark.parametrize('name', HOSTILE)
def test_anything_else_is_refused(tmp_path, name):
    torch.save(dict(meta=HOSTILE[name]), tmp_path / 'c.pth')
    with pytest.raises((TypeError, ValueError, torch.serialization.pickle.UnpicklingError)):
        load_plain(tmp_path / 'c.pth')


def test_no_class_of_numpy_is_admitted():
    """torch's own list after all work-arounds: each of numpy's names is a stand-in of ours."""
    from mmactrep import compat

    compat.apply()
    admitted = torch.serialization.get_safe_globals()
    names = {entry[1]: entry[0] for entry in admitted if isinstance(entry, tuple)}
    assert names['numpy.dtype'] is NumberType and names['numpy.ndarray'] is NumberArray
    assert names['mmengine.logging.history_buffer.HistoryBuffer'] is PlainHistory
    for entry in admitted:
        value = entry[0] if isinstance(entry, tuple) else entry
        assert not (getattr(value, '__module__', None) or '').startswith('numpy'), entry
