"""mmaction2's graph networks on any :class:`SkeletonLayout`: the baselines of Table 3.3."""

from __future__ import annotations

from collections.abc import Iterable

from mmaction.models.backbones import AAGCN, STGCN

from mmactrep.registry import MODELS
from mmactrep.structures import SkeletonLayout, get_layout

from .encoder import SkeletonEncoder


class _StagedEncoder(SkeletonEncoder):
    """The interface of mmaction2's graph networks, which widen and halve at numbered stages."""

    def _count(self, stages: Iterable[int]) -> int:
        # num_stages does not count the first stage if it would not widen
        last = self.num_stages + (self.in_channels == self.base_channels)
        return sum(2 <= stage <= last for stage in set(stages))

    @property
    def feature_channels(self) -> int:
        """C' of the feature map."""
        ratio = getattr(self, 'ch_ratio', 2)
        return int(self.base_channels * ratio ** self._count(self.inflate_stages) + 1e-4)

    @property
    def temporal_stride(self) -> int:
        """Frames of a clip per frame of the feature map."""
        return 2 ** self._count(self.down_stages)


@MODELS.register_module()
class LayoutSTGCN(_StagedEncoder, STGCN):
    """ST-GCN on the bones of a layout.

    Args:
        layout (str or SkeletonLayout): The skeleton.
        mode (str): How mmaction2's ``Graph`` partitions the neighbors.
        **kwargs: Arguments of mmaction2's ``STGCN``.
    """

    def __init__(
        self, layout: str | SkeletonLayout = 'posetics17', mode: str = 'stgcn_spatial', **kwargs
    ) -> None:
        super().__init__(graph_cfg=dict(layout=get_layout(layout).graph, mode=mode), **kwargs)


@MODELS.register_module()
class LayoutAGCN(_StagedEncoder, AAGCN):
    """AGCN, the network of 2s-AGCN, on the bones of a layout: mmaction2's ``AAGCN`` without attention.

    Args:
        layout (str or SkeletonLayout): The skeleton.
        mode (str): How mmaction2's ``Graph`` partitions the neighbors.
        **kwargs: Arguments of mmaction2's ``AAGCN``.
    """

    def __init__(self, layout: str | SkeletonLayout = 'posetics17', mode: str = 'spatial', **kwargs) -> None:
        kwargs = dict(gcn_attention=False) | kwargs
        super().__init__(graph_cfg=dict(layout=get_layout(layout).graph, mode=mode), **kwargs)
