"""The networks of recognizers and segmentors as functions of tensors, and the tracing of them."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from mmactrep.engine.recognizer_outputs import last_linear, watching
from mmactrep.errors import InferenceError
from mmactrep.models.backbones.encoder import pool_sequences
from mmactrep.models.layers.dependency_unit import fold_for_inference

from .metadata import input_shape

if TYPE_CHECKING:
    from torch.export import ExportedProgram

    from mmactrep.apis.recognizer import ActionRecognizer

INPUT = 'keypoint'
#: Bounds of what a program of ``torch.export`` takes.
MOST_CLIPS, MOST_FRAMES = 65_536, 1_000_000


class RecognizerNetwork(nn.Module):
    """Clips (N, M, T, V, C), or heatmaps (N, V, T, H, W), to logits and features.

    Logits are (N, K), features (N, C') what the last layer takes.

    A head that compares with classes in words has no such layer; of it the pooled feature map is given.

    Args:
        model: A recognizer of mmaction2's interface.
    """

    outputs = ('logits', 'features')

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.backbone, self.head = model.backbone, model.cls_head

    def forward(self, keypoint: Tensor) -> tuple[Tensor, Tensor]:
        """Logits and features."""
        taken: list[tuple[Tensor, Tensor]] = []
        with watching(last_linear(self.head), taken):
            feature_map = self.backbone(keypoint)
            logits = self.head(feature_map)
        return logits, taken[0][0].flatten(1) if taken else pool_sequences(feature_map)


class SegmentorNetwork(nn.Module):
    """Windows (N, M, T, V, C) to the logits of every frame, (N, T, K).

    Args:
        model: A :class:`~mmactrep.models.segmentors.SkeletonSegmentor`.
    """

    outputs = ('logits',)

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, keypoint: Tensor) -> tuple[Tensor]:
        """Logits."""
        return (self.model.frame_logits(keypoint),)


def network_of(model: nn.Module) -> RecognizerNetwork | SegmentorNetwork:
    """The network of a model, on the CPU, with the batch norms of UNIK's units folded into the weights.

    Raises:
        InferenceError: If it is no recognizer of skeletons.
    """
    if not hasattr(model, 'backbone') or not hasattr(model, 'cls_head'):
        raise InferenceError(f'{type(model).__name__} is neither a recognizer nor a segmentor of skeletons')
    folded = fold_for_inference(model).cpu().float()
    network = SegmentorNetwork(folded) if hasattr(model, 'frame_logits') else RecognizerNetwork(folded)
    return network.eval()


def trace(recognizer: ActionRecognizer) -> ExportedProgram:
    """The program of a recognizer or segmentor, for any number of clips of any length.

    Persons, joints and channels are those of the model; the program refuses others. It also refuses clips of
    so few frames that a feature map would be a single frame (4 or fewer at UNIK's stride of 4): PyTorch's
    tracer cannot tell a dimension that may be 1 from one that is broadcast. The ONNX file has no such bound.

    Args:
        recognizer: The model.

    Raises:
        InferenceError: If this version of PyTorch cannot trace it.
    """
    from torch.export import Dim, export
    from torch.fx.experimental import _config

    network = network_of(recognizer.model)
    stride = int(getattr(recognizer.model.backbone, 'temporal_stride', 1))
    least = stride + 1
    shape = input_shape(
        recognizer.num_person, recognizer.layout.num_joints, recognizer.num_channels, recognizer.heatmap_size
    )
    shape[1] = 4 * least
    clips = torch.rand(3, *shape, generator=torch.Generator().manual_seed(0))
    dynamic = {0: Dim('clips', min=1, max=MOST_CLIPS), 2: Dim('frames', min=least, max=MOST_FRAMES)}
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.filterwarnings('ignore', 'TF32')  # told whenever oneDNN is switched
            # without both, the graph would be valid for batches of more than one clip alone
            with _config.patch(backed_size_oblivious=True), torch.backends.mkldnn.flags(enabled=False):
                return export(network, (clips,), dynamic_shapes=(dynamic,))
    except Exception as error:  # the tracer has no common class for its errors
        said = next(iter(str(error).splitlines()), type(error).__name__)
        raise InferenceError(
            f'{recognizer.name}: PyTorch {torch.__version__} cannot trace {type(recognizer.model).__name__} '
            f'with {type(recognizer.model.backbone).__name__}: {said:.300}'
        ) from error
