"""ViA: view-invariant action representation by motion retargeting, without labels (thesis 4.4 and 4.6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import Dataset

from mmactrep.models.generators import (
    PAIR_KEYS,
    MotionRetargeter,
    body_size,
    movement_loss,
    reference_size,
)
from mmactrep.models.layers.orthogonal_dictionary import MotionCode
from mmactrep.registry import MODELS
from mmactrep.structures.motion_representation import MotionStatistics, to_motion


@MODELS.register_module()
class ViA(MotionRetargeter):
    """Trains a :class:`~mmactrep.models.generators.ViAAutoencoder` without labels (Table 4.14, L1 to L4).

    Every sequence of a batch is retargeted onto another one, q = D(r_m + r_c'). There is no ground truth for
    q; the losses use what it must satisfy:

    * L_self: p = D(r_m + r_c) (L1);
    * L_cycle: encoded again, with the statics exchanged back, the retargeted sequences give the original
      ones (L2);
    * L_trip: the motion of q, pooled over time, is nearer to that of p than p' is, by a margin (L3);
    * L_vel: the joint velocities of the generated sequences are those of the originals (L4).

    The supervised form, with the crossed ground truth of a motion library (L0), is ``MotionRetargeter``
    with the same autoencoder; this training starts from its checkpoint. Clips of several persons are as many
    sequences. Pairs of the library can be trained on as well, without their ground truth ("Unsup." of Table
    4.13), and are evaluated as by ``MotionRetargeter``.

    Args:
        generator (dict): A ``ViAAutoencoder``.
        self_weight (float): Weight of L_self. Defaults to 1.
        cycle_weight (float): Weight of L_cycle. Defaults to 1.
        triplet_weight (float): Weight of L_trip. Defaults to 1.
        triplet_margin (float): Its margin. Defaults to 1.
        velocity_weight (float): Weight of L_vel. Defaults to 1.
        movement_weight (float): Weight of ``movement_loss`` on reconstructions; not in the thesis. Defaults
            to 0.
        code_cycle_weight (float): Weight of the distance between the codes of q and those it was generated
            from, see :func:`code_error`; not in the thesis. Defaults to 0.
        data_preprocessor (dict, optional): Defaults to mmaction2's, which stacks clips.
        init_cfg (dict, optional): MMEngine's initialization.
    """

    def __init__(
        self,
        generator: dict,
        self_weight: float = 1.0,
        cycle_weight: float = 1.0,
        triplet_weight: float = 1.0,
        triplet_margin: float = 1.0,
        velocity_weight: float = 1.0,
        movement_weight: float = 0.0,
        code_cycle_weight: float = 0.0,
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(
            generator,
            self_weight,
            triplet_weight=triplet_weight,
            triplet_margin=triplet_margin,
            movement_weight=movement_weight,
            code_cycle_weight=code_cycle_weight,
            data_preprocessor=data_preprocessor or dict(type='ActionDataPreprocessor'),
            init_cfg=init_cfg,
        )
        self.cycle_weight = cycle_weight
        self.velocity_weight = velocity_weight

    def forward(
        self, inputs: Tensor | Mapping[str, Tensor], data_samples: Any = None, mode: str = 'tensor'
    ) -> Tensor | dict[str, Tensor] | list[dict]:
        """MMEngine's entry: mode ``'loss'`` for training, ``'tensor'`` for features (N, C').

        Args:
            inputs: Clips (N, num_clips, M, T, V, C) of the generator's layout, missing joints filled in; or
                pairs of motions, for which see ``MotionRetargeter``.
            data_samples: Not used.
            mode: ``'loss'`` or ``'tensor'``; ``'predict'`` for pairs alone.

        Raises:
            ValueError: If the mode is unknown, the inputs do not fit the generator, or it has no statistics.
        """
        if isinstance(inputs, Mapping):
            return super().forward(inputs, data_samples, mode)
        if mode == 'tensor':
            return self.extract_feat(inputs)
        if mode == 'loss':
            self.check_ready()
            return self.unsupervised_loss(self.standardized(inputs))
        raise ValueError(f"a pre-trainer has the modes 'loss' and 'tensor' for clips, got {mode!r}")

    def extract_feat(self, inputs: Tensor) -> Tensor:
        """Features of clips (N, num_clips, M, T, V, C), averaged over clips and those present: (N, C').

        The clips come from the pipeline normalized as downstream, where a recognizer has this encoder.
        """
        people = inputs.flatten(0, 2)
        features = self.generator.backbone.sequence_features(people[:, None])
        features = features.unflatten(0, (len(inputs), -1))
        present = (people != 0).flatten(1).any(dim=1).view(len(inputs), -1, 1)
        return (features * present).sum(dim=1) / present.sum(dim=1).clamp_min(1)

    @torch.no_grad()
    def standardized(self, inputs: Tensor) -> Tensor:
        """The persons of clips as the generator takes them, (P, V·C, T); absent persons are skipped.

        Every person is first scaled to the mean size of the generator's training motions.

        Raises:
            ValueError: If the clips are not of the generator's layout and channels, or nobody is in them.
        """
        return self.generator.standardize(self._motions(inputs, reference_size(self.generator)))

    def _motions(self, inputs: Tensor, size: float) -> Tensor:
        """Motions (P, V·C, T) of the persons of clips, each scaled to one :func:`body_size`."""
        generator = self.generator
        expected = generator.layout.num_joints, generator.in_channels
        if inputs.dim() != 6 or inputs.shape[-2:] != expected:
            raise ValueError(
                f'expected clips (N, num_clips, M, T, {expected[0]}, {expected[1]}) of layout '
                f"'{generator.layout.name}', found {tuple(inputs.shape)}; MapLayout in the pipeline changes "
                'the layout'
            )
        people = inputs.flatten(0, 2).float()
        people = people[(people != 0).flatten(1).any(dim=1)]
        if not len(people):
            raise ValueError('nobody is in the clips of this batch')
        motion = to_motion(people, generator.layout)
        own = body_size(motion, generator.in_channels).clamp_min(1e-6)
        return motion * (size / own)[:, None, None]

    def statistics(self, dataset: Dataset, samples: int = 4000) -> MotionStatistics:
        """Mean and deviation per channel of persons of size 1, for a training from scratch.

        Of a larger data set, as many clips as ``samples``, evenly spaced: stores are often sorted by class.
        """
        rows = np.linspace(0, len(dataset) - 1, min(samples, len(dataset))).round().astype(int).tolist()

        def motions() -> Iterator[np.ndarray]:
            for row in rows:
                clip = torch.as_tensor(dataset[row]['inputs'])[None]
                if (clip != 0).any():
                    yield self._motions(clip, 1.0).numpy()

        return MotionStatistics.of(motions())

    def loss(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Losses of the library's sequences p(m, c) and p(m', c'), which make no use of the crossed ones."""
        motion = torch.cat([inputs[key] for key in PAIR_KEYS[:2]])
        return self.unsupervised_loss(self.generator.standardize(motion))

    def unsupervised_loss(self, motion: Tensor) -> dict[str, Tensor]:
        """Losses of standardized motions (N, V·C, T), by name; those without a weight are skipped."""
        generator, length = self.generator, motion.shape[2]
        code = generator.encode(motion)
        losses, rebuilt = {}, []
        # every row's static goes to the next row; ``back`` undoes it
        partner = torch.roll(torch.arange(len(motion), device=motion.device), 1)
        back = torch.roll(torch.arange(len(motion), device=motion.device), -1)
        lent = MotionCode(code.motion, code.static[partner])
        cycles = self.cycle_weight or self.velocity_weight or self.movement_weight
        exchanges = cycles or self.triplet_weight or self.code_cycle_weight
        decoded = generator.decode(_joined(code, lent) if exchanges else code, length)
        own = decoded[: len(motion)]
        rebuilt.append(own)
        if self.self_weight:
            losses['loss_self'] = self.self_weight * F.mse_loss(own, motion)
        again = generator.encode(decoded[len(motion) :]) if exchanges else None
        if cycles:
            cycled = generator.decode(MotionCode(again.motion, again.static[back]), length)
            rebuilt.append(cycled)
        if self.cycle_weight:
            losses['loss_cycle'] = self.cycle_weight * F.mse_loss(cycled, motion)
        if self.triplet_weight:
            pooled, moved = code.motion.mean(dim=2), again.motion.mean(dim=2)
            losses['loss_triplet'] = self.triplet_weight * F.triplet_margin_loss(
                pooled, moved, pooled[partner], margin=self.triplet_margin
            )
        if self.code_cycle_weight:
            losses['loss_code_cycle'] = self.code_cycle_weight * code_error(again, lent, code, partner)
        if self.velocity_weight:
            speed = motion.diff(dim=2)
            error = sum(F.mse_loss(made.diff(dim=2), speed) for made in rebuilt)
            losses['loss_velocity'] = self.velocity_weight * error
        if self.movement_weight:
            made, true = generator.restore(torch.cat(rebuilt)), generator.restore(motion)
            lost = movement_loss(made, true.repeat(2, 1, 1), generator.layout, generator.in_channels)
            losses['loss_movement'] = self.movement_weight * lost
        return losses


def code_error(found: MotionCode, expected: MotionCode, code: MotionCode, partner: Tensor) -> Tensor:
    """Distance of codes from those that their sequences were generated from: motion plus static.

    Both are relative to the distance between the sequences' codes, so that the weight does not depend on the
    scale of the codes; see :func:`~mmactrep.models.generators.code_cycle_loss`, of which this is the form for
    a batch without pairs.

    Args:
        found: Codes of the generated sequences.
        expected: Codes that they were generated from.
        code: Codes of the original sequences.
        partner: (N,) rows of the sequences that they are compared with.
    """
    terms = [
        # not detached: with a constant scale all codes would shrink to zero
        F.mse_loss(made, true) / F.mse_loss(own, own[partner]).clamp_min(1e-12)
        for made, true, own in zip(found, expected, code)
    ]
    return sum(terms)


def _joined(first: MotionCode, second: MotionCode) -> MotionCode:
    return MotionCode(*(torch.cat(parts) for parts in zip(first, second)))
