"""Composing skeleton sequences from a batch with a frozen motion generator (thesis, Eq. 4.5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from mmengine.model import BaseModule
from torch import Tensor

from mmactrep.models.clip_normalization import (
    batch_normalization_of,
    from_camera_axes,
    to_camera_axes,
)
from mmactrep.models.generators import body_size, reference_size
from mmactrep.models.layers.orthogonal_dictionary import MotionCode
from mmactrep.registry import MODELS
from mmactrep.structures.motion_representation import from_motion, motion_root, to_motion


class Composition(NamedTuple):
    """Composed sequences.

    Attributes:
        query: p_{mm',c}, (N, M, T, V, C).
        keys: The same motion with other statics, (N, P, M, T, V, C).
        partners: (N, I - 1) rows of the batch whose motions were combined with row n's.
        original: (N,) whether the query is the clip itself, neither composed nor generated.
    """

    query: Tensor
    keys: Tensor
    partners: Tensor
    original: Tensor


def draw_others(batch: int, count: int, device: torch.device | None = None) -> Tensor:
    """Draw ``count`` other rows for every row of a batch, all different if there are enough.

    Args:
        batch: Number of rows N.
        count: Number of rows to draw for each.
        device: Device of the result.

    Returns:
        (N, count) int64. In a batch of one row, that row.
    """
    if batch == 1:
        return torch.zeros(1, count, dtype=torch.int64, device=device)
    order = torch.rand(batch, batch, device=device).fill_diagonal_(2.0).argsort(dim=1)[:, :-1]
    return order[:, torch.arange(count, device=device) % (batch - 1)]


def restore_deviation(composed: Tensor, parts: Sequence[Tensor]) -> Tensor:
    """Composed magnitudes that move as much as the motions they are composed of.

    The mean of I motions that have nothing to do with each other (Eq. 4.5) moves less than each of them, by
    a factor of 1 / sqrt(I): two actions become half-hearted ones. Here the deviation of the magnitudes from
    their means over time is scaled, all directions alike, until its root mean square is the mean of those
    of the motions. Motions that cancel each other out are scaled by I at most.

    Args:
        composed: (N, J, T') magnitudes of the composition.
        parts: I times (N, J, T'), magnitudes of the motions.

    Returns:
        (N, J, T').
    """

    def deviation(magnitudes: Tensor) -> Tensor:
        return magnitudes.std(dim=2, correction=0).square().mean(dim=1).sqrt()

    target = torch.stack([deviation(part) for part in parts]).mean(dim=0)
    factor = (target / deviation(composed).clamp_min(1e-12)).clamp_max(len(parts))[:, None, None]
    middle = composed.mean(dim=2, keepdim=True)
    return middle + (composed - middle) * factor


@MODELS.register_module()
class MotionComposer(BaseModule):
    """Generates queries and positives by combining motions of several sequences and exchanging statics.

    The generator was trained in its library's unit, while the encoder may see coordinates with any
    normalization. Every person is therefore scaled to the mean size of the generator's training motions
    (:func:`~mmactrep.models.generators.body_size`), and a generated person gets the size and first position
    of the person who gave the static: both depend on camera and body, and so belong to 'Static'.

    Real clips come from the pipeline normalized by their own extent, often by the transform ``BoxNormalize``.
    A generated clip has another extent than any of the clips it is made from; with ``normalize`` it is
    normalized anew, all persons together, so that the encoder meets both in the same frame of reference. In
    3D generators know bodies as a camera sees them (right, down, away): clips of ``AlignSkeleton3D``, with z
    up, are turned to these axes and back.

    An absent person (all coordinates 0) lends neither motion nor static and stays absent.

    Args:
        generator (dict): A motion generator (``encode``, ``decode``, ``compose``, statistics), usually with
            ``init_cfg=dict(type='Pretrained', checkpoint=..., prefix=...)``, or
            ``dict(type='TrainedGenerator', checkpoint=...)``, which takes its size and layout from the
            checkpoint. It is frozen.
        num_motions (int): Motions combined in a query: 1 (only statics are exchanged), 2 or 3 (Table 4.7).
            Defaults to 2.
        normalize (dict, optional): The transform by which the pipeline normalizes each clip,
            ``BoxNormalize`` or ``AlignSkeleton3D``; applied to every generated clip. Default: generated clips
            stay in the place and size of the person who gave the static, as is right after
            ``ScreenNormalize``, which does not depend on the clip.
        restore_deviation (bool): Whether compositions move as much as the motions they are made of, instead
            of less, see :func:`restore_deviation`. Not in the thesis. Defaults to False.
        static_noise (float): Standard deviation of the noise on the keys' static magnitudes, in units of
            their deviation over the persons present in the batch. Defaults to 0.
        original_fraction (float): Probability that a query is its original clip, neither composed nor
            generated; its keys then show that motion alone. The encoder thus keeps seeing real poses with
            their detail and noise. Defaults to 0.

    Raises:
        ValueError: If ``num_motions`` is less than 1, ``original_fraction`` is not a probability, or
            ``normalize`` is another transform.
    """

    def __init__(
        self,
        generator: dict,
        num_motions: int = 2,
        normalize: dict | None = None,
        restore_deviation: bool = False,
        static_noise: float = 0.0,
        original_fraction: float = 0.0,
    ) -> None:
        super().__init__()
        if num_motions < 1:
            raise ValueError(f'num_motions must be at least 1, got {num_motions}')
        if not 0 <= original_fraction <= 1:
            raise ValueError(f'original_fraction is a probability, got {original_fraction}')
        self.generator = MODELS.build(generator).requires_grad_(False).eval()
        self.num_motions = num_motions
        self.normalize = (
            None if normalize is None else batch_normalization_of(normalize, self.generator.layout)
        )
        self.aligned = normalize is not None and normalize['type'] == 'AlignSkeleton3D'
        self.restore_deviation = restore_deviation
        self.static_noise = static_noise
        self.original_fraction = original_fraction

    def train(self, mode: bool = True) -> MotionComposer:
        """Keep the generator in evaluation mode, without dropout."""
        super().train(mode)
        self.generator.eval()
        return self

    def check_ready(self) -> None:
        """Refuse a generator without statistics: it is untrained, and its output is meaningless.

        Raises:
            RuntimeError: If there are none; the message says how to load a trained generator.
        """
        if not bool(getattr(self.generator, 'has_statistics', True)):
            raise RuntimeError(
                'the motion generator has no statistics of its training motions: give it the checkpoint of a '
                "trained one, generator=dict(type='TrainedGenerator', checkpoint=...)"
            )

    @torch.no_grad()
    def forward(self, clips: Tensor, num_positives: int) -> Composition:
        """Compose.

        Args:
            clips: (N, M, T, V, C) in the generator's layout, missing joints filled in.
            num_positives: P.

        Raises:
            RuntimeError: See :meth:`check_ready`.
            ValueError: If the clips are not of the generator's layout and channels.
        """
        self.check_ready()
        joints, channels = clips.shape[3:]
        layout = self.generator.layout
        if (joints, channels) != (layout.num_joints, self.generator.in_channels):
            raise ValueError(
                f"the generator was built for layout '{layout.name}' with {layout.num_joints} joints in "
                f'{self.generator.in_channels}D, found clips (N, M, T, V, C) = {tuple(clips.shape)}; '
                'MapLayout in the pipeline changes the layout'
            )
        with torch.autocast(clips.device.type, enabled=False):
            return self._compose(clips.float(), num_positives)

    def _compose(self, clips: Tensor, num_positives: int) -> Composition:
        batch, persons, length, _, channels = clips.shape
        generator, layout = self.generator, self.generator.layout
        people = (to_camera_axes(clips) if self.aligned else clips).flatten(0, 1)
        present = (people != 0).flatten(1).any(dim=1).view(batch, persons)
        motion = to_motion(people, layout)
        size = body_size(motion, channels).clamp_min(1e-6) / reference_size(self.generator)
        code = generator.encode(generator.standardize(motion / size[:, None, None]))

        rows = torch.arange(batch, device=clips.device)
        original = torch.rand(batch, device=clips.device) < self.original_fraction
        partners = draw_others(batch, self.num_motions - 1, clips.device)
        partners = torch.where(original[:, None], rows[:, None], partners)
        person = torch.arange(persons, device=clips.device)

        def lenders(sources: Tensor) -> Tensor:
            """Rows of ``people`` for sources (N,): a row's own where the source lacks the person."""
            lent = torch.where(present[sources], sources[:, None], rows[:, None])
            return (lent * persons + person).flatten()

        codes = [
            MotionCode(code.motion[index], code.static[index]) for index in map(lenders, (rows, *partners.T))
        ]
        composed = generator.compose(codes).motion
        if self.restore_deviation:
            composed = restore_deviation(composed, [each.motion for each in codes])
        start = people[:, 0, motion_root(layout)]
        # absent persons have a code too, which would widen it
        spread = code.static[present.flatten()].std(dim=0, correction=0)
        views = []
        for donors in (rows, *draw_others(batch, num_positives, clips.device).T):
            index = lenders(donors)
            static = code.static[index]
            if self.static_noise and views:
                static = static + self.static_noise * spread * torch.randn_like(static)
            generated = generator.restore(generator.decode(MotionCode(composed, static), length))
            generated = from_motion(generated * size[index, None, None], layout, start[index])
            generated = generated.view_as(clips)
            if self.aligned:
                generated = from_camera_axes(generated)
            if self.normalize is not None:
                generated = self.normalize(generated, present)
            views.append(generated * present[:, :, None, None, None])
        query = torch.where(original[:, None, None, None, None], clips, views[0])
        return Composition(query, torch.stack(views[1:], dim=1), partners, original)
