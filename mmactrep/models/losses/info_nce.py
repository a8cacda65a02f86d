"""Multi-positive InfoNCE at the level of sequences and of frames (thesis, Eq. 4.6 to 4.8)."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from mmactrep.registry import MODELS

FRAME_REDUCTIONS = ('mean', 'sum')


def info_nce(
    positives: Tensor,
    queue: Tensor,
    ignore: Tensor | None = None,
    positive: Tensor | None = None,
    separate: bool = False,
) -> Tensor:
    """InfoNCE of each query over several positives, ``-log(Σ_p e^{s_p} / (Σ_p e^{s_p} + Σ_n e^{s_n}))``.

    Eq. 4.6, 4.7 and 5.6 as printed omit the positives from the denominator. They are included here, as in
    MoCo: the loss is then the negative logarithm of a probability, at least 0, and its gradient vanishes once
    the positives dominate. The sum over the positives stays inside the logarithm, as printed; one near
    positive is then enough. Separately, every positive is compared with the negatives alone, ``-1/P Σ_p
    log(e^{s_p} / (e^{s_p} + Σ_n e^{s_n}))``, as in the release of LTN.

    Args:
        positives: (N, P) similarities Sim of Eq. 4.8, divided by the temperature.
        queue: (N, K) likewise, for keys that are negatives unless a mask says otherwise.
        ignore: (N, K), true where a key is neither (it shows the query's own instance).
        positive: (N, K), true where a key is another positive (it has the query's label).
        separate: Whether every positive has a term of its own.

    Returns:
        (N,) losses.

    Raises:
        ValueError: If separate terms are asked for together with positives in the queue.
    """
    if ignore is not None:
        queue = queue.masked_fill(ignore, float('-inf'))
    if separate:
        if positive is not None:
            raise ValueError('positives in the queue have no separate terms')
        negatives = torch.logsumexp(queue, dim=1, keepdim=True)
        return (torch.logaddexp(positives, negatives) - positives).mean(dim=1)
    denominator = torch.logsumexp(torch.cat([positives, queue], dim=1), dim=1)
    if positive is not None:
        positives = torch.cat([positives, queue.masked_fill(~positive, float('-inf'))], dim=1)
    return denominator - torch.logsumexp(positives, dim=1)


@MODELS.register_module()
class InfoNCE(nn.Module):
    """Multi-positive InfoNCE of unit vectors with a temperature (Eq. 4.6 to 4.8, 5.6 and 5.7).

    For frame features the similarity of two sequences is reduced over the frames τ. Eq. 4.7 sums it; with a
    sum the effective temperature is Temp / F, so that a longer window or a higher sampling rate would
    sharpen the loss. The default is therefore the mean; ``'sum'`` is the equation as printed.

    Args:
        temperature (float): Temp of Eq. 4.8. Defaults to 0.1.
        learn_temperature (bool): Whether it is a parameter that starts there, as in CLIP. Defaults to False.
        least_temperature (float): A learned temperature stays above this, as in CLIP.
            Defaults to 0.01.
        frame_reduction (str): ``'mean'`` or ``'sum'`` over frames. Defaults to ``'mean'``.
        loss_weight (float): Factor of the loss. Defaults to 1.
        separate_positives (bool): Whether every positive has a term of its own, see :func:`info_nce`.
            Defaults to False.

    Raises:
        ValueError: If a temperature is not positive or the reduction unknown.
    """

    def __init__(
        self,
        temperature: float = 0.1,
        frame_reduction: str = 'mean',
        loss_weight: float = 1.0,
        learn_temperature: bool = False,
        least_temperature: float = 0.01,
        separate_positives: bool = False,
    ) -> None:
        super().__init__()
        if temperature <= 0 or least_temperature <= 0:
            raise ValueError(f'temperature must be positive, got {temperature} and {least_temperature}')
        if frame_reduction not in FRAME_REDUCTIONS:
            raise ValueError(f'frame_reduction must be one of {FRAME_REDUCTIONS}, got {frame_reduction!r}')
        self._temperature = temperature
        self.least_temperature = least_temperature
        self.log_temperature = (
            nn.Parameter(torch.tensor(math.log(temperature))) if learn_temperature else None
        )
        self.frame_reduction = frame_reduction
        self.loss_weight = loss_weight
        self.separate_positives = separate_positives

    @property
    def temperature(self) -> float | Tensor:
        """Temp of Eq. 4.8; a tensor with a gradient if it is learned."""
        if self.log_temperature is None:
            return self._temperature
        return self.log_temperature.exp().clamp(min=self.least_temperature)

    @temperature.setter
    def temperature(self, value: float) -> None:
        if self.log_temperature is not None:
            raise AttributeError('the temperature is learned, a schedule cannot set it')
        self._temperature = value

    def similarities(self, query: Tensor, positives: Tensor, negatives: Tensor) -> tuple[Tensor, Tensor]:
        """Sim of Eq. 4.8 between queries and keys, summed or averaged over frames.

        Args:
            query: (N, D) or (N, F, D), unit vectors.
            positives: (N, P, D) or (N, P, F, D).
            negatives: (K, D) or (K, F, D).

        Returns:
            (N, P) and (N, K).
        """
        scale = self.temperature
        if query.dim() == 3:
            if not query.shape[1] == positives.shape[2] == negatives.shape[1]:
                raise ValueError(
                    f'queries have {query.shape[1]} frames, positives {positives.shape[2]} and '
                    f'negatives {negatives.shape[1]}: frame features are compared one by one'
                )
            if self.frame_reduction == 'mean':
                scale = scale * query.shape[1]
            # the sum of scalar products over frames is one scalar product over all frames
            query, positives, negatives = query.flatten(1), positives.flatten(2), negatives.flatten(1)
        return torch.einsum('nd,npd->np', query, positives) / scale, query @ negatives.T / scale

    def forward(
        self,
        query: Tensor,
        positives: Tensor,
        queue: Tensor,
        ignore: Tensor | None = None,
        positive: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Loss and, for the log, the share of queries whose best positive is nearer than every negative.

        Args:
            query: (N, D) or (N, F, D), unit vectors.
            positives: (N, P, D) or (N, P, F, D).
            queue: (K, D) or (K, F, D), the negatives.
            ignore, positive: (N, K) booleans that mark keys which are not negatives, see :func:`info_nce`.

        Returns:
            The mean loss times ``loss_weight`` and the accuracy in [0, 1].
        """
        losses, accurate = self.each(query, positives, queue, ignore, positive)
        return losses.mean(), accurate.mean()

    def each(
        self,
        query: Tensor,
        positives: Tensor,
        queue: Tensor,
        ignore: Tensor | None = None,
        positive: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Loss times ``loss_weight``, and accuracy 0 or 1, of each query, (N,) both; see :meth:`forward`."""
        with torch.autocast(query.device.type, enabled=False):
            near, far = self.similarities(query.float(), positives.float(), queue.float())
            losses = info_nce(near, far, ignore, positive, self.separate_positives) * self.loss_weight
        for excepted in (ignore, positive):
            if excepted is not None:
                far = far.masked_fill(excepted, float('-inf'))
        accurate = (near.amax(dim=1) > far.amax(dim=1)).float()
        return losses, accurate.detach()
