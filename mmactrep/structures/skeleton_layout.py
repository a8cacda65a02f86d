"""Skeleton layouts: joints, bones, sides, and how one layout maps to another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from mmactrep.errors import UserError

from .joint_mapping import JointMapping, build_mapping
from .layout_content import LayoutError, check_layout_content
from .sides import find_pairs, names_a_side


class UnknownSidesError(UserError, ValueError):
    """A layout does not say which joints are left and right, so its skeletons cannot be mirrored."""


@dataclass(frozen=True)
class SkeletonLayout:
    """Names and order of the joints of a skeleton and the tree that its bones form.

    Everything that depends on joints (bone streams, flips, centering, drawing, mapping from an
    expert) reads them from here, so a new kind of skeleton is a few lines:

    >>> layout = SkeletonLayout('arm', ('left_shoulder', 'left_elbow', 'left_wrist'),
    ...                         {'left_elbow': 'left_shoulder', 'left_wrist': 'left_elbow'})
    >>> layout.bones
    ((1, 0), (2, 1))

    Args:
        name: Name under which stores and configs refer to the layout.
        joints: Joint names in the order of the data. Layouts that use the names of the built-in layouts can
            be mapped to each other.
        parents: Maps child name to parent name. Exactly one joint, the root, is not a child.
        center: Joint nearest to the center of the body, where graph networks start. Default: the
            root.
        pairs: Left and right partners as name pairs; ``()`` for a skeleton without sides. Default: read
            from the names, in any usual notation (see :func:`~mmactrep.structures.sides.find_pairs`).
            A layout whose names do not show its sides can be used, but not mirrored.
        interpolated: Joints that are by definition derived from others, as in the thesis from 13 joints to 17
            (3.7.1). A mapping to this layout derives them even where the source has a joint of that name:
            the 'nose' of posetics17 is midway between head and neck, unlike any estimator's nose.

    Raises:
        ValueError: If names repeat, the parents do not form one tree over all joints, pairs overlap, or
            ``pairs`` is empty although names show sides.
        KeyError: If ``center``, ``pairs`` or ``interpolated`` name a joint that the layout lacks.
    """

    name: str
    joints: tuple[str, ...]
    parents: Mapping[str, str] = field(hash=False)
    center: str | None = None
    pairs: tuple[tuple[str, str], ...] | None = field(default=None, hash=False)
    interpolated: tuple[str, ...] = field(default=(), compare=False)

    def __repr__(self) -> str:
        return f'SkeletonLayout({self.name!r}: {self.num_joints} joints)'

    def __post_init__(self) -> None:
        object.__setattr__(self, 'joints', tuple(self.joints))
        object.__setattr__(self, 'parents', dict(self.parents))
        self._check_names()
        self._check_tree()
        if self.center is None:
            object.__setattr__(self, 'center', self.joints[self.root])
        self.index(self.center)
        self._settle_pairs()
        self._check_pairs()
        object.__setattr__(self, 'interpolated', tuple(self.interpolated))
        self.indices(self.interpolated)

    def _check_names(self) -> None:
        repeated = {joint for joint in self.joints if self.joints.count(joint) > 1}
        if not self.joints or repeated:
            raise ValueError(f"layout '{self.name}': joint names must be unique, got {self.joints}")
        known = set(self.joints)
        unknown = sorted((set(self.parents) | set(self.parents.values())) - known)
        if unknown:
            raise ValueError(f"layout '{self.name}': parents name unknown joints {unknown}")

    def _check_tree(self) -> None:
        roots = [joint for joint in self.joints if joint not in self.parents]
        if len(roots) != 1:
            raise ValueError(f"layout '{self.name}': one joint must be the root, found {roots}")
        for joint in self.joints:
            seen = {joint}
            while joint in self.parents:
                joint = self.parents[joint]
                if joint in seen:
                    raise ValueError(f"layout '{self.name}': '{joint}' is its own ancestor")
                seen.add(joint)

    def _check_pairs(self) -> None:
        members = [joint for pair in self.pairs for joint in pair]
        for joint in members:
            self.index(joint)
        if any(len(pair) != 2 for pair in self.pairs) or len(set(members)) != len(members):
            raise ValueError(f"layout '{self.name}': every joint has one partner at most, got {self.pairs}")

    def _settle_pairs(self) -> None:
        found = find_pairs(self.joints)
        given = self.pairs is not None
        if given and not self.pairs and found:
            raise ValueError(
                f"layout '{self.name}': pairs=() says that it has no sides, but '{found[0][0]}' and "
                f"'{found[0][1]}' are sides; leave pairs out"
            )
        pairs = tuple(map(tuple, self.pairs)) if given else found
        paired = {joint for pair in pairs for joint in pair}
        alone = [joint for joint in self.joints if joint not in paired and names_a_side(joint)]
        object.__setattr__(self, 'pairs', pairs)
        object.__setattr__(self, '_sides_known', given or (bool(pairs) and not alone))
        object.__setattr__(self, '_alone', tuple(alone))

    @property
    def num_joints(self) -> int:
        """Number of joints V."""
        return len(self.joints)

    @cached_property
    def _index(self) -> dict[str, int]:
        return {joint: i for i, joint in enumerate(self.joints)}

    def index(self, joint: str) -> int:
        """Index of a joint; an unknown name raises ``KeyError`` listing the layout's joints."""
        if joint not in self._index:
            raise KeyError(f"layout '{self.name}' has no joint '{joint}'; it has {self.joints}")
        return self._index[joint]

    def indices(self, joints: Iterable[str]) -> list[int]:
        """Indices of several joints."""
        return [self.index(joint) for joint in joints]

    def __contains__(self, joint: str) -> bool:
        return joint in self._index

    @cached_property
    def root(self) -> int:
        """Index of the joint that is not a child."""
        return next(i for i, joint in enumerate(self.joints) if joint not in self.parents)

    @cached_property
    def parent_indices(self) -> tuple[int, ...]:
        """Parent of every joint; the root is its own parent. Length V."""
        return tuple(self.index(self.parents.get(joint, joint)) for joint in self.joints)

    @cached_property
    def bones(self) -> tuple[tuple[int, int], ...]:
        """(child, parent) for every bone, in the order of the children. Length V - 1."""
        return tuple((i, p) for i, p in enumerate(self.parent_indices) if i != p)

    @cached_property
    def side_pairs(self) -> tuple[tuple[int, int], ...]:
        """(left, right) joint indices."""
        return tuple((self.index(left), self.index(right)) for left, right in self.pairs)

    @cached_property
    def flip_order(self) -> tuple[int, ...]:
        """Order of the joints after mirroring: ``keypoint[..., flip_order, :]``. Length V.

        Raises:
            UnknownSidesError: If the layout does not say which joints are partners.
        """
        self.check_sides()
        order = list(range(self.num_joints))
        for left, right in self.side_pairs:
            order[left], order[right] = right, left
        return tuple(order)

    def check_sides(self) -> None:
        """Check that the layout's skeletons can be mirrored.

        Raises:
            UnknownSidesError: If ``pairs`` were not given and no names tell left from right, or a left or
                right joint has no partner.
        """
        if self._sides_known:
            return
        what = (
            f"'{self._alone[0]}' has no partner" if self._alone else 'no names of joints tell left from right'
        )
        raise UnknownSidesError(
            f"layout '{self.name}' cannot be mirrored: {what} among {', '.join(self.joints)}; give it "
            "pairs=(('left joint', 'right joint'), ...), or pairs=() if it has no sides"
        )

    @property
    def graph(self) -> dict:
        """The layout as mmaction2's ``Graph`` takes it: ``graph_cfg=dict(layout=layout.graph)``."""
        return dict(num_node=self.num_joints, inward=list(self.bones), center=self.index(self.center))

    def mapping_to(self, target: SkeletonLayout, allow_missing: bool = False) -> JointMapping:
        """How the joints of another layout are derived from this one's.

        Args:
            target: The target layout.
            allow_missing: Leave joints that cannot be derived missing (score 0) instead of raising.

        Raises:
            ValueError: If a joint of the target cannot be derived and ``allow_missing`` is off.
        """
        made = set(target.interpolated) - set(self.interpolated)
        mapping, lacking = build_mapping(self.joints, target.joints, made)
        if lacking and not allow_missing:
            raise ValueError(f"layout '{self.name}' has nothing to derive {lacking} of '{target.name}' from")
        return mapping

    def interpolate(self, keypoint: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Poses whose ``interpolated`` joints are made anew from the others, as in data that has only these.

        An interpolated joint is missing where one of its sources is.

        Args:
            keypoint: (..., V, C) coordinates.
            score: (..., V) confidences, 0 where a joint is missing.
        """
        own = [joint for joint in self.joints if joint not in self.interpolated]
        mapping, lacking = build_mapping(own, self.joints)
        if lacking or len(own) == self.num_joints:
            return keypoint, score
        places = [self.index(joint) for joint in own]
        return mapping(keypoint[..., places, :], score[..., places])

    def to_dict(self) -> dict:
        """Plain containers, for a store's index; :meth:`from_dict` reads them back."""
        return dict(
            name=self.name,
            joints=list(self.joints),
            parents=dict(self.parents),
            center=self.center,
            pairs=[list(pair) for pair in self.pairs] if self._sides_known else None,
            interpolated=list(self.interpolated),
        )

    @classmethod
    def from_dict(cls, content: Mapping) -> SkeletonLayout:
        """Inverse of :meth:`to_dict`.

        Stores of earlier versions have no pairs where the names do not begin with ``left_`` and ``right_``;
        there the names are read again.

        Raises:
            LayoutError: If the content is not that of a layout; the message is one line.
        """
        check_layout_content(content)
        if not content.get('pairs') and find_pairs(content['joints']):
            content = {**content, 'pairs': None}
        try:
            return cls(**content)
        except (ValueError, KeyError) as error:
            raise LayoutError(str(error.args[0])) from error


def check_joint_count(keypoint: np.ndarray, layout: SkeletonLayout, where: str = 'keypoint') -> None:
    """Check that an array (..., V, C) has the layout's number of joints.

    Raises:
        ValueError: If it does not, with ``where``, the expected and the found number.
    """
    if keypoint.ndim < 2 or keypoint.shape[-2] != layout.num_joints:
        raise ValueError(
            f"{where}: layout '{layout.name}' has {layout.num_joints} joints, "
            f'found an array of shape {keypoint.shape}'
        )
