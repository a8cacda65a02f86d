"""Models of the open_clip library as teachers: their text tower, and their image tower frame by frame."""

from __future__ import annotations

import pickle
import types
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from mmactrep.engine.weights_folders import weights_folders
from mmactrep.errors import CheckpointError
from mmactrep.files import reason

from .base import TeacherUnavailableError, TextTeacher, UnknownTeacherError, import_optional
from .frame_encoders import DEFAULT_FRAMES, FrameEncoder
from .frames import FrameInput
from .local_weights import KIND, explain, find_local_weights

_ENDINGS = ('.safetensors', '.pt', '.pth', '.bin')
_HUB_FILES = ('open_clip_model.safetensors', 'open_clip_pytorch_model.bin')


class OpenCLIPText(TextTeacher):
    """A model's text tower, ``open_clip:MODEL/TAG``.

    Args:
        variant: ``'MODEL/TAG'``, ``'ViT-B-32/laion2b_s34b_b79k'``; without the tag if weights of one are on
            this machine. They are searched in the folders of :func:`weights_folders`, as
            ``MODEL_TAG.safetensors`` (or .pt), and in Hugging Face's cache.
        batch_size, device, precision: See :class:`Teacher`.

    Raises:
        UnknownTeacherError: If open_clip has no such model, or its tokens are not CLIP's.
        TeacherUnavailableError: If open_clip or the weights are not on this machine.
        CheckpointError: If the weights cannot be read or do not fit.
    """

    def __init__(
        self,
        variant: str,
        batch_size: int = 128,
        device: str | torch.device = 'cpu',
        precision: str = 'fp32',
    ) -> None:
        found = find_model(variant, 'text')
        network = found.load()
        super().__init__(found.name, found.settings['embed_dim'], batch_size, device, precision)
        self._tokenize = found.library.get_tokenizer(found.model)
        self._network = self._freeze(network)

    def _encode(self, texts: list[str]) -> Tensor:
        return self._network.encode_text(self._tokenize(texts).to(self.device))


class OpenCLIPVideo(FrameEncoder):
    """A model's image tower frame by frame, ``open_clip:MODEL/TAG``; the mean is in the text tower's space.

    Args:
        variant: See :class:`OpenCLIPText`.
        num_frames, batch_size, device, precision: See :class:`FrameEncoder`.

    Raises:
        UnknownTeacherError, TeacherUnavailableError, CheckpointError: See :class:`OpenCLIPText`.
    """

    def __init__(
        self,
        variant: str,
        num_frames: int = DEFAULT_FRAMES,
        batch_size: int = 8,
        device: str | torch.device = 'cpu',
        precision: str = 'fp32',
    ) -> None:
        found = find_model(variant, 'video')
        network = found.load()
        size = network.visual.image_size
        size = size[0] if isinstance(size, (tuple, list)) else size
        super().__init__(
            found.name,
            network,
            network.encode_image,
            FrameInput(size, *found.colors),
            num_frames,
            batch_size,
            device,
            precision,
        )


@dataclass(frozen=True)
class FoundModel:
    """A model of open_clip whose weights are on this machine.

    Args:
        library: The module ``open_clip``.
        model, tag: Its names.
        path: Its weights.
        settings: open_clip's configuration of the model.
        published: What open_clip knows about the weights; empty if it does not know them.
    """

    library: types.ModuleType
    model: str
    tag: str
    path: Path
    settings: dict
    published: dict

    @property
    def name(self) -> str:
        """Name of its teachers."""
        return f'open_clip:{self.model}/{self.tag}'

    @property
    def colors(self) -> tuple[tuple, tuple]:
        """Mean and deviation of colors, for intensities in [0, 1]."""
        defaults = dict(mean=self.library.OPENAI_DATASET_MEAN, std=self.library.OPENAI_DATASET_STD)
        mean, deviation = (tuple(self.published.get(key) or default) for key, default in defaults.items())
        return mean, deviation

    def load(self) -> nn.Module:
        """Both towers with weights.

        Raises:
            CheckpointError: If the weights cannot be read or do not fit.
        """
        from safetensors import SafetensorError

        try:
            return self.library.create_model(
                self.model,
                pretrained=str(self.path),
                force_quick_gelu=bool(self.published.get('quick_gelu')),
                weights_only=True,
            )
        except (RuntimeError, KeyError, EOFError, pickle.UnpicklingError, SafetensorError) as error:
            raise CheckpointError(
                f'{self.path}: expected weights of {self.model} of open_clip: {reason(error)}'
            ) from error


def find_model(variant: str, kind: str) -> FoundModel:
    """The model and the weights that ``MODEL/TAG`` or ``MODEL`` mean on this machine.

    Args:
        variant: See :class:`OpenCLIPText`.
        kind: ``'text'`` or ``'video'``.

    Raises:
        UnknownTeacherError: If there is no such model, open_clip would download a part of it, or there are
            weights of several tags.
        TeacherUnavailableError: If open_clip or the weights are not on this machine.
    """
    library = import_optional('open_clip', f'open_clip:{variant}', 'clip')
    model, _, tag = variant.partition('/')
    settings = library.get_model_config(model)
    if settings is None:
        near = [each for each in library.list_models() if each.lower().startswith(model.lower()[:5])]
        raise UnknownTeacherError(
            f'open_clip has no model {model!r}; it has {", ".join((near or library.list_models())[:6])} ...'
        )
    if 'hf_model_name' in settings['text_cfg']:
        raise UnknownTeacherError(
            f'open_clip:{model}: its text tower is one that transformers would download'
        )
    if kind == 'text' and 'hf_tokenizer_name' in settings['text_cfg']:
        raise UnknownTeacherError(
            f"open_clip:{model}: its tokens are not CLIP's, and would be downloaded; only its image tower "
            'can be used'
        )
    published = library.list_pretrained_tags_by_model(model)
    if library.is_pretrained_cfg(model, tag):
        # open_clip takes other spellings too; features have one name
        tag = tag.lower().replace('-', '_')
    tags = [tag] if tag else sorted({*published, *_tags_in_folders(model)})
    paths = {each: path for each in tags if (path := _find(library, model, each)) is not None}
    if not paths:
        others = '' if tag or not published else f'; trainings of it are {", ".join(published[:6])} ...'
        tag = tag or (published or ['TAG'])[0]
        hub, file = _on_hub(library, model, tag)
        source = (
            f'https://huggingface.co/{hub} (its {file[0]}, renamed)'
            if hub
            else 'where that training is published'
        )
        raise TeacherUnavailableError(explain(f'{model}_{tag}{_ENDINGS[0]}', source) + others)
    if len(paths) > 1:
        raise UnknownTeacherError(
            f'open_clip:{model}: several weights are on this machine, name one of them: '
            + ', '.join(f'open_clip:{model}/{each}' for each in paths)
        )
    ((tag, path),) = paths.items()
    return FoundModel(library, model, tag, path, settings, library.get_pretrained_cfg(model, tag))


def _find(library: types.ModuleType, model: str, tag: str) -> Path | None:
    return find_local_weights(
        [f'{model}_{tag}{ending}' for ending in _ENDINGS], *_on_hub(library, model, tag)
    )


def _on_hub(library: types.ModuleType, model: str, tag: str) -> tuple[str, tuple[str, ...]]:
    """Repository of published weights, empty if there is none, and names of files in it."""
    address = library.get_pretrained_cfg(model, tag).get('hf_hub', '')
    owner, _, rest = address.partition('/')
    repository, _, file = rest.partition('/')
    return f'{owner}/{repository}'.strip('/'), (file, *_HUB_FILES) if file else _HUB_FILES


def _tags_in_folders(model: str) -> list[str]:
    return [
        path.stem.removeprefix(f'{model}_')
        for folder in weights_folders(KIND)
        for path in folder.glob(f'{model}_*')
        if path.suffix in _ENDINGS
    ]
