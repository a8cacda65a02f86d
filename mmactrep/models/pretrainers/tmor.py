"""T-MOR: skeleton, video and text aligned by contrast (thesis, chapter 6)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from mmengine import dist
from torch import Tensor, nn

from mmactrep.errors import UserError
from mmactrep.models.contrast.gathering import gather
from mmactrep.models.contrast.queue import FeatureQueue
from mmactrep.registry import MODELS

from .moco import ContrastivePretrainer
from .views import instance_overlap, sample_instances

# queues hold integers in double precision, which is exact up to here
_LARGEST_CATEGORY = (1 << 52) - 1


class TeacherFeatureError(UserError, ValueError):
    """Features that do not come with the samples, or are of another teacher; the message says which."""


def teacher_features(data_samples: Sequence, kind: str, channels: int, like: Tensor) -> tuple[Tensor, Tensor]:
    """Features of a frozen teacher that the pipeline loaded with each sample.

    Args:
        data_samples: With ``{kind}_features`` (D,) in their metadata, None for a clip without an entry.
        kind: 'video' or 'text'.
        channels: D.
        like: A tensor on the device where they go.

    Returns:
        (N, D) float32, and (N,) booleans, whether a clip has them; rows without are 0.

    Raises:
        TeacherFeatureError: If the pipeline does not load them, or D is another.
    """
    key = f'{kind}_features'
    features = torch.zeros(len(data_samples), channels)
    present = torch.zeros(len(data_samples), dtype=torch.bool)
    for row, sample in enumerate(data_samples):
        if key not in sample.metainfo:
            raise TeacherFeatureError(
                f'samples come without {key}: the pipeline needs LoadTeacherFeatures(kind={kind!r}) and '
                f'PackSkeletonInputs(meta_keys=(..., {key!r}))'
            )
        found = sample.metainfo[key]
        if found is None:
            continue
        if len(found) != channels:
            name = sample.metainfo.get('frame_dir', f'sample {row}')
            raise TeacherFeatureError(
                f"clip '{name}': expected {kind} features of {channels} numbers, found {len(found)}: they "
                'are of another teacher than the model is built for'
            )
        features[row] = torch.as_tensor(found)
        present[row] = True
    return features.to(like.device), present.to(like.device)


def text_categories(data_samples: Sequence, like: Tensor) -> Tensor:
    """(N,) int64, which action each sample's text speaks of; -1 if unknown."""
    found = [int(sample.metainfo.get('text_category', -1)) for sample in data_samples]
    return torch.tensor([c if c < 0 else c & _LARGEST_CATEGORY for c in found], device=like.device)


@MODELS.register_module()
class TMOR(ContrastivePretrainer):
    """Motion contrasted with itself, with the features of its video and with those of its text (6.3.3).

    L_sup = L_mm + L_mv + L_mt. L_mm (Eq. 6.3) is the momentum contrast of the base class. L_mv and L_mt
    (Eq. 6.4, 6.6) compare φ_M(E_M(sk)) with the projected features of the clip's own video or text, against
    those of other clips; negatives of L_mt are texts of other categories alone. As in the rest of the toolbox
    the positive is in the denominator.

    The teachers are frozen, so their features come from a feature store (``LoadTeacherFeatures``), and the
    queues hold features before projection: they never age, and each step projects the whole queue with the
    φ of that step. A clip without video or text has no part in that term.

    Args:
        backbone (dict): Motion encoder E_M.
        neck (dict): φ_M, one for all three losses (Eq. 6.5).
        video_teacher, text_teacher (str, optional): Names of the teachers, see
            ``mmactrep.models.teachers``. Without one there is no such loss. Features of another one are
            refused by the pipeline.
        video_neck, text_neck (dict, optional): φ of their features; None is the identity, and φ_M then maps
            into the teacher's space.
        motion_loss (bool): Whether L_mm is used. Defaults to True.
        video_loss, text_loss (dict, optional): Arguments of ``InfoNCE`` of L_mv and L_mt. Default: those of
            ``loss``.
        **kwargs: Arguments of :class:`ContrastivePretrainer`; ``queue_size`` N is that of all queues.

    Raises:
        ValueError: If there is no loss, or widths differ where φ is the identity.
    """

    def __init__(
        self,
        backbone: dict,
        neck: dict,
        video_teacher: str | None = None,
        text_teacher: str | None = None,
        video_neck: dict | None = None,
        text_neck: dict | None = None,
        motion_loss: bool = True,
        video_loss: dict | None = None,
        text_loss: dict | None = None,
        loss: dict | None = None,
        **kwargs,
    ) -> None:
        super().__init__(backbone, neck, loss=loss, **kwargs)
        if not (motion_loss or video_teacher or text_teacher):
            raise ValueError('expected a motion loss, a video_teacher or a text_teacher: nothing is trained')
        self.motion_loss = motion_loss
        self.video_teacher = video_teacher
        self.text_teacher = text_teacher
        teachers = dict(
            video=(video_teacher, video_neck, video_loss), text=(text_teacher, text_neck, text_loss)
        )
        for kind, (teacher, own_neck, own_loss) in teachers.items():
            if teacher is not None:
                self._add_teacher(kind, own_neck, dict(loss or {}) | dict(own_loss or {}))

    def _add_teacher(self, kind: str, neck: dict | None, loss: dict) -> None:
        projection = nn.Identity() if neck is None else MODELS.build(neck)
        width = self.neck.out_channels
        if neck is not None and projection.out_channels != width:
            raise ValueError(
                f'{kind}_neck has {projection.out_channels} channels, neck has {width}: their cosine needs '
                'equal ones'
            )
        channels = width if neck is None else projection.in_channels
        self.add_module(f'{kind}_neck', projection)
        self.add_module(f'{kind}_criterion', MODELS.build(dict(type='InfoNCE', temperature=0.1) | loss))
        queue = FeatureQueue(
            len(self.queue),
            (channels,),
            filled=torch.tensor(False),
            category=torch.tensor(-1),
            **self.empty_extras(),
        )
        self.add_module(f'{kind}_queue', queue)

    def loss(self, inputs: Tensor, data_samples: Sequence | None = None) -> dict[str, Tensor]:
        """One step: those of L_mm, L_mv and L_mt that are used.

        Returns:
            ``loss_sequence`` (L_mm), ``loss_video`` (L_mv), ``loss_text`` (L_mt), and accuracies for the
            log.

        Raises:
            TeacherFeatureError: If features of a teacher do not come with the samples.
        """
        views = self.prepare(inputs, data_samples)
        embedded = self.embed(self._encoder(), views.query)
        losses = self.contrast(embedded, views) if self.motion_loss else {}
        for kind, teacher in dict(video=self.video_teacher, text=self.text_teacher).items():
            if teacher is not None:
                losses |= self.align(embedded['sequence'], kind, data_samples or [])
        return losses

    def align(self, motion: Tensor, kind: str, data_samples: Sequence) -> dict[str, Tensor]:
        """L_mv (Eq. 6.4) or L_mt (Eq. 6.6); the features of all processes go into the queue.

        The mean is over the clips that have features, of all processes together.

        Args:
            motion: (N, D_p) unit vectors φ_M(E_M(sk)).
            kind: 'video' or 'text'.
            data_samples: See :func:`teacher_features`.
        """
        neck, criterion, queue = (getattr(self, f'{kind}_{part}') for part in ('neck', 'criterion', 'queue'))
        features, present = teacher_features(data_samples, kind, queue.features.shape[1], motion)
        stored = dict(
            category=text_categories(data_samples, motion)
            if kind == 'text'
            else torch.full_like(present, -1, dtype=torch.int64),
            instances=sample_instances(data_samples, motion, required=False)[:, None],
        )
        positives = unit_vectors(neck, features)[:, None]
        negatives = unit_vectors(neck, queue.features.clone())
        ignore = self._no_negatives(stored, queue, kind)
        losses, accuracy = criterion.each(motion, positives, negatives, ignore)
        everything = gather(dict(features=features, present=present, **stored))
        # DDP averages gradients over processes, which may have different numbers of clips with features
        share = present.float() / everything['present'].sum().clamp(min=1) * dist.get_world_size()
        kept = everything['present']
        queue.enqueue(
            everything['features'][kept],
            filled=kept[kept],
            category=everything['category'][kept],
            instances=everything['instances'][kept],
        )
        return {f'loss_{kind}': (losses * share).sum(), f'acc_{kind}': (accuracy * share).sum()}

    def _no_negatives(self, stored: dict[str, Tensor], queue: FeatureQueue, kind: str) -> Tensor:
        """(N, K), which entries are no negatives: empty ones, the clip's own, texts of the same category."""
        extras = queue.extras
        ignore = ~extras['filled'][None].expand(len(stored['category']), -1)
        ignore = ignore | instance_overlap(stored['instances'], extras['instances'])
        if kind == 'text':
            own = stored['category'][:, None]
            ignore = ignore | ((own == extras['category'][None]) & (own >= 0))
        return ignore


def unit_vectors(neck: nn.Module, features: Tensor) -> Tensor:
    """φ of features (N, D), of length 1: (N, D_p) float32."""
    return nn.functional.normalize(neck(features).float(), dim=-1)
