"""Training a motion generator by motion retargeting (thesis 4.3.1, Eq. 4.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from mmengine.model import BaseModel
from torch import Tensor

from mmactrep.models.layers.orthogonal_dictionary import MotionCode
from mmactrep.registry import MODELS
from mmactrep.structures.motion_representation import from_motion

from .retargeting_losses import (
    code_cycle_loss,
    code_triplet_loss,
    foot_joints,
    foot_velocity_loss,
    movement_loss,
    path_loss,
)

PAIR_KEYS = ('source', 'driver', 'source_on_driver', 'driver_on_source')
"""Inputs of :class:`MotionRetargeter`: p(m, c), p(m', c'), and the ground truth p(m, c') and p(m', c)."""

OBSERVED_KEYS = tuple(f'observed_{key}' for key in PAIR_KEYS[:2])
"""Optional inputs: what is encoded instead of p(m, c) and p(m', c') in training."""


@MODELS.register_module()
class MotionRetargeter(BaseModel):
    """Trains and tests a motion autoencoder on pairs of motions with crossed ground truth (Eq. 4.4).

    The motions are in the library's unit; they are standardized here with the generator's statistics.
    Losses are means over standardized channels.

    Args:
        generator: Config of a motion autoencoder (``MotionAutoencoder`` or ``TwoEncoderAutoencoder``).
        self_weight: Weight of L_self, the reconstruction of the inputs. Defaults to 1.
        target_weight: Weight of L_target, the retargeted motions against their ground truth. Defaults to 1.
        triplet_weight: Weight of :func:`code_triplet_loss`; 0 is the thesis's loss, 1 the release's.
            Defaults to 0.
        triplet_margin: Its margin. Defaults to 1.
        foot_velocity_weight: Weight of :func:`foot_velocity_loss`. Defaults to 0; the release has 0.1.
        path_weight: Weight of :func:`path_loss`. Defaults to 0, as in thesis and release.
        movement_weight: Weight of :func:`movement_loss`. Defaults to 0, as in thesis and release.
        code_cycle_weight: Weight of :func:`code_cycle_loss`. Defaults to 0, as in thesis and release.
        data_preprocessor: MMEngine's; moves batches to the device by default.
        init_cfg: MMEngine's initialization.

    Raises:
        ValueError: If ``foot_velocity_weight`` is set and the layout has no foot.
    """

    def __init__(
        self,
        generator: dict,
        self_weight: float = 1.0,
        target_weight: float = 1.0,
        triplet_weight: float = 0.0,
        triplet_margin: float = 1.0,
        foot_velocity_weight: float = 0.0,
        path_weight: float = 0.0,
        movement_weight: float = 0.0,
        code_cycle_weight: float = 0.0,
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor=data_preprocessor, init_cfg=init_cfg)
        self.generator = MODELS.build(generator)
        self.self_weight = self_weight
        self.target_weight = target_weight
        self.triplet_weight = triplet_weight
        self.triplet_margin = triplet_margin
        self.foot_velocity_weight = foot_velocity_weight
        self.path_weight = path_weight
        self.movement_weight = movement_weight
        self.code_cycle_weight = code_cycle_weight
        if foot_velocity_weight:
            foot_joints(self.generator.layout)

    def forward(
        self, inputs: Mapping[str, Tensor], data_samples: Any = None, mode: str = 'tensor'
    ) -> dict[str, Tensor] | list[dict]:
        """Retarget in both directions.

        Args:
            inputs: Motions (N, V·C, T) in the library's unit under ``PAIR_KEYS``; for 'loss' optionally also
                ``OBSERVED_KEYS``, noisy motions that are encoded, while the losses use the clean ones.
            data_samples: Not used; information on how the pairs were made.
            mode: 'tensor' for the generated motions, 'loss' for the losses, 'predict' for the input of
                ``RetargetingMetric``.

        Returns:
            'tensor': generated motions in the library's unit under ``PAIR_KEYS``. 'loss': losses by name.
            'predict': one dictionary per pair, see :meth:`predict`.

        Raises:
            ValueError: If the mode is unknown, inputs are missing, or the generator has no statistics yet.
        """
        lacking = [key for key in PAIR_KEYS if key not in inputs]
        if lacking:
            raise ValueError(f'expected the motions {PAIR_KEYS}, lacking {lacking}')
        # MMEngine's default collation passes lists.
        inputs = {
            key: value if isinstance(value, Tensor) else torch.stack(list(value))
            for key, value in inputs.items()
            if key in PAIR_KEYS + OBSERVED_KEYS
        }
        self.check_ready()
        if mode == 'loss':
            return self.loss(inputs)
        if mode == 'predict':
            return self.predict(inputs)
        if mode == 'tensor':
            generated, _ = self._generate({key: self.generator.standardize(inputs[key]) for key in PAIR_KEYS})
            return {key: self.generator.restore(motion) for key, motion in generated.items()}
        raise ValueError(f"mode must be 'tensor', 'loss' or 'predict', found '{mode}'")

    def check_ready(self) -> None:
        """Refuse a generator without statistics.

        Raises:
            ValueError: With ways to give it some.
        """
        if not self.generator.has_statistics:
            raise ValueError(
                'the generator has no statistics of its training motions: load a checkpoint, add '
                'MotionStatisticsHook to custom_hooks, or call generator.set_statistics'
            )

    def _generate(self, motions: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, MotionCode]]:
        """D(r_m + r_c) for all four combinations of two standardized motions, and the two codes."""
        source, driver = (motions.get(seen, motions[key]) for seen, key in zip(OBSERVED_KEYS, PAIR_KEYS))
        both = self.generator.encode(torch.cat([source, driver]))
        codes = _halves(both, PAIR_KEYS[:2])
        motion = [codes[key].motion for key in ('source', 'driver', 'source', 'driver')]
        static = [codes[key].static for key in ('source', 'driver', 'driver', 'source')]
        generated = self.generator.decode(MotionCode(torch.cat(motion), torch.cat(static)), source.shape[2])
        return dict(zip(PAIR_KEYS, generated.chunk(4))), codes

    def loss(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """``loss_self``, ``loss_target``, and the optional losses that have a weight."""
        motions = {key: self.generator.standardize(motion) for key, motion in inputs.items()}
        generated, codes = self._generate(motions)
        error = {key: F.mse_loss(generated[key], motions[key]) for key in PAIR_KEYS}
        losses = dict(
            loss_self=self.self_weight * (error['source'] + error['driver']),
            loss_target=self.target_weight * (error['source_on_driver'] + error['driver_on_source']),
        )
        if self.triplet_weight:
            crossed = self.generator.encode(torch.cat([motions[key] for key in PAIR_KEYS[2:]]))
            codes |= _halves(crossed, PAIR_KEYS[2:])
            losses['loss_triplet'] = self.triplet_weight * code_triplet_loss(
                **codes, margin=self.triplet_margin
            )
        if self.code_cycle_weight:
            again = self.generator.encode(torch.cat([generated[key] for key in PAIR_KEYS[2:]]))
            losses['loss_code_cycle'] = self.code_cycle_weight * code_cycle_loss(
                **{key: codes[key] for key in PAIR_KEYS[:2]}, **_halves(again, PAIR_KEYS[2:])
            )
        if self.foot_velocity_weight or self.path_weight or self.movement_weight:
            prediction = self.generator.restore(torch.cat([generated[key] for key in PAIR_KEYS]))
            both = prediction, torch.cat([inputs[key] for key in PAIR_KEYS])
            if self.foot_velocity_weight:
                slide = foot_velocity_loss(*both, self.generator.layout)
                losses['loss_foot_velocity'] = self.foot_velocity_weight * slide
            if self.path_weight:
                losses['loss_path'] = self.path_weight * path_loss(*both, self.generator.layout)
            if self.movement_weight:
                lost = movement_loss(*both, self.generator.layout, self.generator.in_channels)
                losses['loss_movement'] = self.movement_weight * lost
        return losses

    def predict(self, inputs: Mapping[str, Tensor]) -> list[dict]:
        """Retargeted skeletons with their ground truth, and codes before and after.

        Returns:
            One dictionary per pair. ``pred_keypoint``, ``gt_keypoint`` (2, T, V, C): p(m, c') and p(m', c);
            ``motion_keypoint``: the sources of their motion, p(m, c) and p(m', c'); ``static_keypoint``: the
            sources of their static, p(m', c') and p(m, c). All are in the library's unit, their roots
            starting at the origin. ``motion_code`` (2, J, T'): the magnitudes of the motions;
            ``recovered_motion_code``: those of the generated sequences encoded again, in which only the
            static was changed. ``static_code`` and ``recovered_static_code`` (2, K): the same for static.
            ``layout``: the skeletons' layout.
        """
        motions = {key: self.generator.standardize(inputs[key]) for key in PAIR_KEYS}
        generated, codes = self._generate(motions)
        crossed = [generated[key] for key in PAIR_KEYS[2:]]
        recovered = [self.generator.encode(motion) for motion in crossed]

        def keypoints(first: Tensor, second: Tensor) -> Tensor:
            return from_motion(torch.stack([first, second], dim=1), self.generator.layout)

        source, driver = codes['source'], codes['driver']
        batch = dict(
            pred_keypoint=keypoints(*map(self.generator.restore, crossed)),
            gt_keypoint=keypoints(inputs['source_on_driver'], inputs['driver_on_source']),
            motion_keypoint=keypoints(inputs['source'], inputs['driver']),
            static_keypoint=keypoints(inputs['driver'], inputs['source']),
            motion_code=torch.stack([source.motion, driver.motion], dim=1),
            recovered_motion_code=torch.stack([code.motion for code in recovered], dim=1),
            static_code=torch.stack([driver.static, source.static], dim=1),
            recovered_static_code=torch.stack([code.static for code in recovered], dim=1),
        )
        layout = self.generator.layout
        count = len(inputs['source'])
        return [{name: x[i] for name, x in batch.items()} | dict(layout=layout) for i in range(count)]


def _halves(code: MotionCode, names: Sequence[str]) -> dict[str, MotionCode]:
    """The two halves of a batch of codes, under the given names."""
    return {name: MotionCode(*parts) for name, parts in zip(names, zip(*(part.chunk(2) for part in code)))}
