"""ViA: view-invariant action representation by motion retargeting, without labels (thesis 4.4 and 4.6)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmengine.model import BaseModel
from torch import Tensor

from mmactrep.models.generators import body_size, movement_loss, reference_size
from mmactrep.models.layers.orthogonal_dictionary import MotionCode
from mmactrep.registry import MODELS
from mmactrep.structures.motion_representation import to_motion


@MODELS.register_module()
class ViA(BaseModel):
    """Trains a :class:`~mmactrep.models.generators.ViAAutoencoder` without labels (Table 4.14, L1 to L4).

    Two sequences of a batch are retargeted onto each other: q = D(r_m + r_c') and q' = D(r_m' + r_c). There
    is no ground truth for them; the losses use what they must satisfy:

    * L_self: p = D(r_m + r_c) (L1);
    * L_cycle: encoded again, with the statics exchanged back, they give p and p' (L2);
    * L_trip: the motion of q, pooled over time, is nearer to that of p than p' is, by a margin (L3);
    * L_vel: the joint velocities of the generated sequences are those of the originals (L4).

    The supervised form, with the crossed ground truth of a motion library (L0), is ``MotionRetargeter``
    with the same autoencoder; this training starts from its checkpoint (``load_from``).

    Args:
        generator (dict): A motion autoencoder with known statistics.
        self_weight (float): Weight of L_self. Defaults to 1.
        cycle_weight (float): Weight of L_cycle. Defaults to 1.
        triplet_weight (float): Weight of L_trip. Defaults to 1.
        triplet_margin (float): Its margin. Defaults to 1.
        velocity_weight (float): Weight of L_vel. Defaults to 1.
        movement_weight (float): Weight of ``movement_loss`` on reconstructions; not in the thesis. Defaults
            to 0.
        data_preprocessor (dict, optional): Defaults to mmaction2's, which stacks.
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
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor or dict(type='ActionDataPreprocessor'), init_cfg)
        self.generator = MODELS.build(generator)
        self.self_weight = self_weight
        self.cycle_weight = cycle_weight
        self.triplet_weight = triplet_weight
        self.triplet_margin = triplet_margin
        self.velocity_weight = velocity_weight
        self.movement_weight = movement_weight

    def forward(
        self, inputs: Tensor, data_samples: Sequence | None = None, mode: str = 'tensor'
    ) -> Tensor | dict[str, Tensor]:
        """MMEngine's entry: mode ``'loss'`` for training, ``'tensor'`` for features (N, C').

        Args:
            inputs: Clips (N, num_clips, M, T, V, C) of the generator's layout, missing joints filled in.
            data_samples: Not used.
            mode: ``'loss'`` or ``'tensor'``.

        Raises:
            ValueError: For another mode; a pre-trainer predicts nothing.
        """
        if mode == 'tensor':
            return self.extract_feat(inputs)
        if mode == 'loss':
            return self.loss(self.standardized(inputs))
        raise ValueError(f"a pre-trainer has the modes 'loss' and 'tensor', got {mode!r}")

    def extract_feat(self, inputs: Tensor) -> Tensor:
        """Features of clips (N, num_clips, M, T, V, C), averaged over the clips: (N, C')."""
        features = self.generator.backbone.sequence_features(inputs.flatten(0, 1))
        return features.unflatten(0, inputs.shape[:2]).mean(dim=1)

    @torch.no_grad()
    def standardized(self, inputs: Tensor) -> Tensor:
        """The persons of clips as the generator takes them, (P, V·C, T); absent persons are skipped.

        Every person is first scaled to the mean size of the generator's training motions.

        Raises:
            ValueError: If the clips are not of the generator's layout and channels, or nobody is in them.
        """
        generator = self.generator
        expected = generator.layout.num_joints, generator.in_channels
        if inputs.dim() != 6 or inputs.shape[-2:] != expected:
            raise ValueError(
                f'expected clips (N, num_clips, M, T, {expected[0]}, {expected[1]}) of layout '
                f"'{generator.layout.name}', found {tuple(inputs.shape)}"
            )
        people = inputs.flatten(0, 2).float()
        people = people[(people != 0).flatten(1).any(dim=1)]
        if not len(people):
            raise ValueError('nobody is in the clips of this batch')
        motion = to_motion(people, generator.layout)
        size = body_size(motion, generator.in_channels).clamp_min(1e-6) / reference_size(generator)
        return generator.standardize(motion / size[:, None, None])

    def loss(self, motion: Tensor) -> dict[str, Tensor]:
        """Losses of standardized motions (N, V·C, T), by name; those without a weight are skipped."""
        generator, length = self.generator, motion.shape[2]
        partner = torch.roll(torch.arange(len(motion), device=motion.device), 1)
        code = generator.encode(motion)
        swapped = MotionCode(code.motion, code.static[partner])
        decoded = generator.decode(_joined(code, swapped), length)
        own, crossed = decoded.chunk(2)
        losses = {}
        if self.self_weight:
            losses['loss_self'] = self.self_weight * F.mse_loss(own, motion)
        again = generator.encode(crossed)
        # row n of ``crossed`` has motion n and static partner[n]; its static returns to row partner[n]
        back = torch.empty_like(partner)
        back[partner] = torch.arange(len(partner), device=partner.device)
        cycled = generator.decode(MotionCode(again.motion, again.static[back]), length)
        if self.cycle_weight:
            losses['loss_cycle'] = self.cycle_weight * F.mse_loss(cycled, motion)
        if self.triplet_weight:
            pooled, moved = code.motion.mean(dim=2), again.motion.mean(dim=2)
            losses['loss_triplet'] = self.triplet_weight * F.triplet_margin_loss(
                pooled, moved, pooled[partner], margin=self.triplet_margin
            )
        if self.velocity_weight:
            speed = motion.diff(dim=2)
            error = F.mse_loss(own.diff(dim=2), speed) + F.mse_loss(cycled.diff(dim=2), speed)
            losses['loss_velocity'] = self.velocity_weight * error
        if self.movement_weight:
            raw = generator.restore(torch.cat([own, cycled])), generator.restore(motion).repeat(2, 1, 1)
            lost = movement_loss(*raw, generator.layout, generator.in_channels)
            losses['loss_movement'] = self.movement_weight * lost
        return losses


def _joined(first: MotionCode, second: MotionCode) -> MotionCode:
    return MotionCode(*(torch.cat(parts) for parts in zip(first, second)))
