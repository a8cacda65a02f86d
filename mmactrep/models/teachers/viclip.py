"""ViCLIP, the teacher of T-MOR in the thesis (6.4): video and text in one space."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from mmactrep.engine.checkpoints import load_weights
from mmactrep.errors import CheckpointError

from .base import TeacherUnavailableError, TextTeacher, VideoTeacher, import_optional
from .frames import FrameInput
from .local_weights import explain, find_local_weights, read_state
from .viclip_towers import TextTower, VideoTower

NUM_FRAMES = 8
FRAME_SIZE = 224
CONTEXT = 32
VOCABULARY = 49408
_MODEL_ZOO = 'the model zoo of https://github.com/OpenGVLab/InternVideo/tree/main/Data/InternVid'
_ENDINGS = ('.pth', '.safetensors')


@dataclass(frozen=True)
class ViCLIPSize:
    """Architecture of a ViCLIP, and its official weights.

    Args:
        patch, width, layers, heads: Of :class:`VideoTower`.
        text_width, text_heads: Of :class:`TextTower`, which has 12 layers.
        dimension: D of both towers.
        weights: Names under which the weights trained on InternVid-10M-FLT are published, without ending.
        address: Where they are published.
    """

    patch: int
    width: int
    layers: int
    heads: int
    text_width: int
    text_heads: int
    dimension: int
    weights: tuple[str, ...]
    address: str
    text_layers: int = 12

    def video_tower(self) -> VideoTower:
        """The video tower, without weights."""
        return VideoTower(
            FRAME_SIZE, self.patch, NUM_FRAMES, self.width, self.layers, self.heads, self.dimension
        )

    def text_tower(self) -> TextTower:
        """The text tower, without weights."""
        return TextTower(
            VOCABULARY, CONTEXT, self.text_width, self.text_layers, self.text_heads, self.dimension
        )


SIZES = dict(
    b16=ViCLIPSize(16, 768, 12, 12, 512, 8, 512, ('ViCLIP-B_InternVid-FLT-10M',), _MODEL_ZOO),
    l14=ViCLIPSize(
        *(14, 1024, 24, 16, 768, 12, 768),
        ('ViClip-InternVid-10M-FLT', 'ViCLIP-L_InternVid-FLT-10M'),
        'https://huggingface.co/OpenGVLab/ViCLIP/resolve/main/ViClip-InternVid-10M-FLT.pth',
    ),
)


class ViCLIPVideo(VideoTeacher):
    """ViCLIP's video tower: 8 frames, resized to 224 x 224.

    Args:
        size: ``'b16'`` (D = 512) or ``'l14'`` (D = 768).
        variant: Name of other official weights of that size, without ending, for example
            ``'ViCLIP-B_InternVid-200M'``. Default: those trained on InternVid-10M-FLT.
        batch_size, device, precision: See :class:`Teacher`.

    Raises:
        TeacherUnavailableError: If the weights are not on this machine; the message says where to get them.
        CheckpointError: If they cannot be read or do not fit.
    """

    def __init__(
        self,
        size: str,
        variant: str = '',
        batch_size: int = 4,
        device: str | torch.device = 'cpu',
        precision: str = 'fp32',
    ) -> None:
        network = load_tower(size, variant, 'vision_encoder')
        super().__init__(
            name=_name(size, variant),
            dimension=SIZES[size].dimension,
            num_frames=NUM_FRAMES,
            batch_size=batch_size,
            device=device,
            precision=precision,
        )
        self._network = self._freeze(network)
        # as its authors prepare frames, by OpenCV
        self.frame_input = FrameInput(FRAME_SIZE, interpolation='bilinear', antialias=False)

    def _encode(self, clips: Tensor) -> Tensor:
        frames = self.frame_input(clips.flatten(0, 1).to(self.device))
        return self._network(frames.unflatten(0, clips.shape[:2]).transpose(1, 2))


class ViCLIPText(TextTeacher):
    """ViCLIP's text tower: 32 tokens of CLIP's vocabulary; longer texts are cut off.

    Args:
        size, variant, batch_size, device, precision: See :class:`ViCLIPVideo`.

    Raises:
        TeacherUnavailableError: If the weights or open_clip, for the vocabulary, are not on this machine.
        CheckpointError: If the weights cannot be read or do not fit.
    """

    def __init__(
        self,
        size: str,
        variant: str = '',
        batch_size: int = 128,
        device: str | torch.device = 'cpu',
        precision: str = 'fp32',
    ) -> None:
        name = _name(size, variant)
        network = load_tower(size, variant, 'text_encoder')
        super().__init__(name, SIZES[size].dimension, batch_size, device, precision)
        self._tokenize = clip_tokenizer(name)
        self._network = self._freeze(network)

    def _encode(self, texts: list[str]) -> Tensor:
        return self._network(self._tokenize(texts).to(self.device))


def clip_tokenizer(teacher: str):
    """CLIP's byte-pair encoding: maps n texts to (n, 32) tokens, 0 behind a text's end.

    Raises:
        TeacherUnavailableError: If open_clip, which has the vocabulary, is not installed.
    """
    return import_optional('open_clip', teacher, 'clip').SimpleTokenizer(context_length=CONTEXT)


def load_tower(size: str, variant: str, part: str) -> nn.Module:
    """A tower with its official weights.

    Args:
        size, variant: See :class:`ViCLIPVideo`.
        part: ``'vision_encoder'`` or ``'text_encoder'``, as the checkpoint names them.

    Raises:
        TeacherUnavailableError, CheckpointError: See :class:`ViCLIPVideo`.
    """
    settings = SIZES[size]
    path = _find_weights(settings, variant)
    state = {
        name.removeprefix(f'{part}.'): value
        for name, value in read_state(path).items()
        if name.startswith(f'{part}.')
    }
    if not state:
        raise CheckpointError(f'{path}: expected weights of ViCLIP, found none that begin with {part}.')
    tower = settings.video_tower() if part == 'vision_encoder' else settings.text_tower()
    load_weights(tower, state, str(path), f'the {part} of ViCLIP {size}')
    return tower


def _find_weights(settings: ViCLIPSize, variant: str) -> Path:
    stems = (variant,) if variant else settings.weights
    path = find_local_weights([f'{stem}{ending}' for stem in stems for ending in _ENDINGS])
    if path is None:
        address = _MODEL_ZOO if variant else settings.address
        raise TeacherUnavailableError(explain(f'{stems[0]}{_ENDINGS[0]}', address))
    return path


def _name(size: str, variant: str) -> str:
    return f'viclip-{size}:{variant}' if variant and variant not in SIZES[size].weights else f'viclip-{size}'
