"""The members of a split, before and after their clips are there."""

from __future__ import annotations

import tracemalloc

import numpy as np

from mmactrep.store.split_members import SplitMembers
from mmactrep.store.writer import SkeletonStoreWriter


def test_names_keep_their_order_whenever_their_clips_come():
    clips = dict(a=0, b=1, c=2)
    members = SplitMembers()
    members.add(['c', 'later', 'a', 'absent'], clips)
    clips |= dict(later=3)
    members.add(['b', 'c', 'later', 'later'], clips)  # again: they stay where they are
    assert members.absent(clips) == ['absent']
    clips['absent'] = 4
    assert members.absent(clips) == [] and members.rows(clips).tolist() == [2, 3, 0, 4, 1]
    assert SplitMembers().rows(clips).tolist() == [] and SplitMembers().rows(clips).dtype == np.int64


def test_a_writer_keeps_little_of_each_clip_in_memory(tmp_path):
    pose, count = np.ones((1, 1, 17, 2), np.float32), 3000
    with SkeletonStoreWriter(tmp_path / 's', 'coco17', ['a']) as writer:
        writer.add('first', pose, label=0)
        tracemalloc.start()
        for number in range(count):
            writer.add(f'abcdefghijk_{number:06d}_000010', pose, label=0)
        writer.add_split('train', (f'abcdefghijk_{number:06d}_000010' for number in range(count)))
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        writer.finish()
    assert held / count < 260  # a name, its place in a table, its number
