"""What frozen teachers have in common: strings or frames in, one feature vector each out."""

from __future__ import annotations

import importlib
import types
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn

from mmactrep.errors import UserError
from mmactrep.structures.class_texts import words_of

#: Number formats of the computation, by their short names; features are float32 in any case.
PRECISIONS = dict(fp32=None, bf16=torch.bfloat16, fp16=torch.float16)


class UnknownTeacherError(UserError, ValueError):
    """No teacher of that name, or an option that it does not have; the message lists what there is."""


class TeacherUnavailableError(UserError, RuntimeError):
    """A teacher lacks a package or weights; the message says which, and where to get them."""


class TeacherInputError(UserError, ValueError):
    """Texts or frames that a teacher cannot encode; the message says what was expected and found."""


class Teacher(ABC):
    """A frozen encoder.

    It is no module of its own: held by a model, it must not get into its checkpoints, optimizer or momentum
    copies.

    Args:
        name: Its identity in feature stores and checkpoints; building by it gives the same features again.
        dimension: D, length of a feature vector.
        batch_size: Texts or clips that the network processes at once.
        device: For example 'cpu' or 'cuda:0'.
        precision: One of :data:`PRECISIONS`.

    Raises:
        UnknownTeacherError: If ``batch_size`` or ``precision`` is not valid.
    """

    def __init__(
        self,
        name: str,
        dimension: int,
        batch_size: int,
        device: str | torch.device = 'cpu',
        precision: str = 'fp32',
    ) -> None:
        if precision not in PRECISIONS:
            raise UnknownTeacherError(
                f'{name}: precision is one of {", ".join(PRECISIONS)}, found {precision!r}'
            )
        if not isinstance(batch_size, int) or batch_size < 1:
            raise UnknownTeacherError(f'{name}: batch_size is a whole number from 1, found {batch_size!r}')
        self.name = name
        self.dimension = dimension
        self.batch_size = batch_size
        self.device = torch.device(device)
        self.precision = precision

    def __repr__(self) -> str:
        return f'{type(self).__name__}({self.name!r}, dimension={self.dimension}, device={self.device})'

    def _freeze(self, network: nn.Module) -> nn.Module:
        """The network on the teacher's device, in evaluation mode, without gradients."""
        return network.to(self.device).eval().requires_grad_(False)

    def _in_batches(self, batches: Iterable) -> Tensor:
        """(n, D) features of all batches, in single precision.

        Raises:
            TeacherInputError: If a feature is not finite.
        """
        dtype = PRECISIONS[self.precision]
        with torch.no_grad(), torch.autocast(self.device.type, dtype, enabled=dtype is not None):
            features = [self._encode(batch).float() for batch in batches]
        joined = torch.cat([torch.zeros(0, self.dimension, device=self.device), *features])
        if not joined.isfinite().all():
            raise TeacherInputError(
                f'{self.name}: features are not finite in {self.precision}; another precision may do'
            )
        return joined

    @abstractmethod
    def _encode(self, batch) -> Tensor:
        """(n, D) features of one batch."""


class TextTeacher(Teacher):
    """A frozen text encoder. Subclasses implement :meth:`_encode`."""

    def encode(self, texts: Sequence[str]) -> Tensor:
        """Features of texts, equal texts being encoded once.

        Args:
            texts: n sentences, names or words. What is longer than the encoder's context is cut off.

        Returns:
            (n, D) float32 on the teacher's device, not normalized.

        Raises:
            TeacherInputError: If a text is empty or no text, or a feature is not finite.
        """
        texts = self._read(texts)
        # short texts are padded to the longest of their batch, so that texts of like length go together
        different = sorted(set(texts), key=lambda text: (len(text), text))
        starts = range(0, len(different), self.batch_size)
        features = self._in_batches(different[start : start + self.batch_size] for start in starts)
        row = {text: i for i, text in enumerate(different)}
        return features[[row[text] for text in texts]]

    def _read(self, texts: Sequence[str]) -> list[str]:
        if isinstance(texts, str):
            raise TeacherInputError(f'{self.name}: expected a list of texts, found the single text {texts!r}')
        texts = list(texts)
        for number, text in enumerate(texts, 1):
            if not isinstance(text, str) or not words_of(text):
                raise TeacherInputError(
                    f'{self.name}: text {number} of {len(texts)} is empty: {text!r} has no words'
                )
        return texts


class VideoTeacher(Teacher):
    """A frozen video encoder. Subclasses implement :meth:`_encode`.

    Args:
        num_frames: T, frames that it expects of a clip.
        kwargs: See :class:`Teacher`.
    """

    def __init__(self, *, num_frames: int, **kwargs) -> None:
        super().__init__(**kwargs)
        if not isinstance(num_frames, int) or num_frames < 1:
            raise UnknownTeacherError(
                f'{self.name}: num_frames is a whole number from 1, found {num_frames!r}'
            )
        self.num_frames = num_frames

    def encode(self, clips: Tensor) -> Tensor:
        """Features of clips.

        Args:
            clips: (N, T, H, W, 3) uint8, RGB, of any size; T is ``num_frames``.

        Returns:
            (N, D) float32 on the teacher's device, not normalized.

        Raises:
            TeacherInputError: If the clips are of another shape or type, or a feature is not finite.
        """
        expected = f'(N, {self.num_frames}, H, W, 3) uint8'
        shape = tuple(clips.shape)
        fits = clips.dim() == 5 and shape[1] == self.num_frames and shape[4] == 3 and min(shape[2:4]) > 0
        if not fits or clips.dtype != torch.uint8:
            raise TeacherInputError(
                f'{self.name}: expected clips {expected}, found {shape} {str(clips.dtype).split(".")[-1]}'
            )
        return self._in_batches(batch for batch in clips.split(self.batch_size) if len(batch))


def import_optional(module: str, teacher: str, requirements: str) -> types.ModuleType:
    """Import a module of an optional package.

    Args:
        module: Name of the module.
        teacher: Name of the teacher that needs it, for the message.
        requirements: Name of the file in ``requirements/`` that installs it, without its ending.

    Raises:
        TeacherUnavailableError: If it cannot be imported.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise TeacherUnavailableError(
            f'the teacher {teacher} needs the package {module.split(".")[0]}, which cannot be imported '
            f'({error}); install it: pip install -c requirements/constraints.txt --no-deps '
            f'-r requirements/{requirements}.txt'
        ) from error
