"""Layouts read from mmpose's own data set files."""

from __future__ import annotations

import pytest

from mmactrep.pose.experts.mmpose_layout import layout_from_meta
from mmactrep.structures import get_layout


def meta_of(name: str) -> dict:
    parse = pytest.importorskip('mmpose.datasets.datasets.utils').parse_pose_metainfo
    with pytest.warns(UserWarning, match='metainfo config file'):
        return parse(dict(from_file=f'configs/_base_/datasets/{name}.py'))


@pytest.mark.parametrize('name', ['coco', 'humanart', 'ochuman', 'exlpose'])
def test_coco_s_joints_are_the_built_in_layout(name):
    meta = meta_of(name)
    layout, keep = layout_from_meta(meta)
    if name == 'exlpose':  # crowd pose's 14 joints
        assert layout.num_joints == 14 and layout.joints[-2:] == ('head', 'neck')
    else:
        assert layout is get_layout('coco17') and keep == list(range(17))


def test_human36m_has_names_of_its_own():
    layout, keep = layout_from_meta(meta_of('h36m'))
    assert layout is get_layout('h36m17') and len(keep) == 17


@pytest.mark.parametrize('name', ['crowdpose', 'aic', 'mpii', 'posetrack18', 'jhmdb', 'mhp'])
def test_another_layout_is_a_tree_of_the_model_s_links(name):
    meta = meta_of(name)
    layout, keep = layout_from_meta(meta)
    # PoseTrack links no ears
    dropped = {3, 4} if name == 'posetrack18' else set()
    assert keep == [joint for joint in meta['keypoint_id2name'] if joint not in dropped]
    links = {frozenset(map(int, link)) for link in meta['skeleton_links']}
    assert len(layout.bones) == layout.num_joints - 1
    assert all(frozenset(keep[joint] for joint in bone) in links for bone in layout.bones)
    # what SST-A works on can be made of it: the limbs, at least
    layout.mapping_to(get_layout('motion15'), allow_missing=True)
    for joint, (left, right) in zip(layout.pairs, layout.side_pairs):
        assert {int(meta['keypoint_name2id'][name]) for name in joint} == {keep[left], keep[right]}


def test_names_become_those_the_layouts_know():
    assert {'mid_hip', 'head', 'neck'} <= set(layout_from_meta(meta_of('mpii'))[0].joints)
    assert 'mid_hip' in layout_from_meta(meta_of('halpe26'))[0].joints
    halpe, _ = layout_from_meta(meta_of('halpe26'))
    assert halpe is get_layout('halpe26')
    assert halpe.mapping_to(get_layout('posetics17')).weights.shape[1:] == (17, 26)


def test_of_a_whole_body_the_body_is_kept():
    layout, keep = layout_from_meta(meta_of('coco_wholebody'))
    assert layout.joints[:17] == get_layout('coco17').joints and keep == list(range(23))
    assert not any(joint.startswith('face') for joint in layout.joints)


def test_a_model_without_names_or_links_is_refused():
    with pytest.raises(ValueError, match='names no joints'):
        layout_from_meta({})
    with pytest.raises(ValueError, match="'mine' has 2 joints and no links"):
        layout_from_meta(dict(dataset_name='mine', keypoint_id2name={0: 'a', 1: 'b'}, skeleton_links=[]))
