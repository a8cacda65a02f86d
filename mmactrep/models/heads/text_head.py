"""Classification by words: classes are texts, compared with the motion in one space."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmaction.models import BaseHead
from torch import Tensor, nn

from mmactrep.datasets.protocols import class_list
from mmactrep.datasets.texts import texts_of_classes
from mmactrep.models.backbones.encoder import pool_sequences
from mmactrep.registry import MODELS


@MODELS.register_module()
class TextHead(BaseHead):
    """Scores of classes that are named in words (Eq. 6.5; 6.3.4, "Zero-shot Transfer").

    The score of class a is Sim(E_M(sk), E_T(a)): the cosine of φ_M(E_Vs) and φ_T(E_T(a)), divided by the
    temperature. The texts' features come from a frozen teacher, which is no part of the head: embedded
    classes are a buffer, and any words can take their place, see :meth:`set_classes`.

    ``loss`` is cross-entropy with the embedded classes as fixed weights of the classifier: it trains E_M and
    φ_M, not φ_T. It needs ``classes``.

    Args:
        in_channels (int): C' of the feature map.
        neck (dict): φ_M, to D_p channels.
        text_neck (dict, optional): φ_T, from the teacher's D to D_p channels; None is the identity, D = D_p.
        text_teacher (str, optional): Name of the teacher, see ``mmactrep.models.teachers``.
        classes (Sequence[str] or str): Classes to begin with, or the name of a published list
            (``mmactrep.datasets.protocols``); ``init_weights`` embeds them by the teacher. Default: none.
        texts (str, optional): Descriptions of these, see
            :func:`~mmactrep.datasets.texts.load_class_texts`. Default: their names.
        temperature (float): Temp of Eq. 6.5. Defaults to 0.1.
        average_clips (str): As in mmaction2's heads. Defaults to ``'prob'``.
        **kwargs: Arguments of mmaction2's ``BaseHead``.

    Attributes:
        classes (tuple[str, ...]): Names of the K classes.

    Raises:
        ValueError: If the widths of φ_M and φ_T differ, or the temperature is not positive.
    """

    def __init__(
        self,
        in_channels: int,
        neck: dict,
        text_neck: dict | None = None,
        text_teacher: str | None = None,
        classes: Sequence[str] | str = (),
        texts: str | None = None,
        temperature: float = 0.1,
        average_clips: str | None = 'prob',
        **kwargs,
    ) -> None:
        names = tuple(class_list(classes))
        super().__init__(len(names), in_channels, average_clips=average_clips, **kwargs)
        if temperature <= 0:
            raise ValueError(f'temperature must be positive, got {temperature}')
        self.classes = names
        self.texts = texts
        self.text_teacher = text_teacher
        self.neck = MODELS.build(neck)
        self.text_neck = nn.Identity() if text_neck is None else MODELS.build(text_neck)
        width = self.neck.out_channels
        if text_neck is not None and self.text_neck.out_channels != width:
            raise ValueError(
                f'text_neck has {self.text_neck.out_channels} channels, neck has {width}: their cosine needs '
                'equal ones'
            )
        self.text_channels = width if text_neck is None else self.text_neck.in_channels
        self.register_buffer('log_temperature', torch.tensor(math.log(temperature)))
        self.register_buffer('class_embeddings', torch.zeros(self.num_classes, width))

    def init_weights(self) -> None:
        """Initialize, and embed the classes of the config."""
        super().init_weights()
        if self.classes:
            # a model that has its weights needs no teacher
            from mmactrep.models.teachers import build_text_teacher

            teacher = build_text_teacher(self.text_teacher)
            texts = texts_of_classes(list(self.classes), self.texts)
            self.set_classes(self.classes, [teacher.encode(each.texts) for each in texts])

    def set_classes(self, names: Sequence[str], text_features: Tensor | Sequence[Tensor]) -> None:
        """Take these classes instead of the present ones.

        Args:
            names: K names.
            text_features: E_T of each class: (K, D), or K times (n, D) of several sentences each.

        Raises:
            ValueError: If there is no class, or features do not fit the names or φ_T.
        """
        if not names or len(names) != len(text_features):
            raise ValueError(
                f'expected features for each of one class or more, found {len(names)} names and '
                f'{len(text_features)} features'
            )
        self.class_embeddings = self.embed_texts(text_features)
        self.classes = tuple(names)
        self.num_classes = len(names)

    @torch.no_grad()
    def embed_texts(self, text_features: Tensor | Sequence[Tensor]) -> Tensor:
        """φ_T(E_T(a)) of each class, (K, D_p) unit vectors.

        Several sentences are projected one by one, as in training, then averaged and normalized again.

        Args:
            text_features: See :meth:`set_classes`.

        Raises:
            ValueError: If they are of other channels than φ_T takes, or not finite.
        """
        rows = []
        for each in text_features:
            each = torch.atleast_2d(torch.as_tensor(each)).to(self.class_embeddings)
            if each.dim() != 2 or each.shape[1] != self.text_channels or not each.isfinite().all():
                raise ValueError(
                    f'expected finite text features of {self.text_channels} channels, found '
                    f'{tuple(each.shape)}'
                )
            rows.append(F.normalize(F.normalize(self.text_neck(each), dim=-1).mean(dim=0), dim=-1))
        return torch.stack(rows)

    def embed(self, x: Tensor) -> Tensor:
        """φ_M(E_Vs) of feature maps (N, M, C', T', V'): (N, D_p) unit vectors in float32."""
        return F.normalize(self.neck(pool_sequences(x)).float(), dim=-1)

    def similarities(self, motion: Tensor) -> Tensor:
        """Sim (Eq. 6.5) of embedded motions (N, D_p) and the classes: (N, K)."""
        return motion @ self.class_embeddings.T / self.log_temperature.exp()

    def forward(self, x: Tensor, **kwargs) -> Tensor:
        """Scores (N, K) of feature maps (N, M, C', T', V').

        Raises:
            ValueError: If there are no classes yet.
        """
        if not self.num_classes:
            raise ValueError('the head has no classes: set_classes embeds those that are named')
        return self.similarities(self.embed(x))
