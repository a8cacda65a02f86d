"""mmaction2's graph networks on any :class:`SkeletonLayout`: the baselines of Table 3.3."""

from __future__ import annotations

from mmaction.models.backbones import AAGCN, STGCN

from mmactrep.registry import MODELS
from mmactrep.structures import SkeletonLayout, get_layout


@MODELS.register_module()
class LayoutSTGCN(STGCN):
    """ST-GCN on the bones of a layout.

    Args:
        layout (str or SkeletonLayout): The skeleton.
        mode (str): How mmaction2's ``Graph`` partitions the neighbours.
        **kwargs: Arguments of mmaction2's ``STGCN``.
    """

    def __init__(
        self, layout: str | SkeletonLayout = 'posetics17', mode: str = 'stgcn_spatial', **kwargs
    ) -> None:
        super().__init__(graph_cfg=dict(layout=get_layout(layout).graph, mode=mode), **kwargs)


@MODELS.register_module()
class LayoutAGCN(AAGCN):
    """AGCN, the network of 2s-AGCN, on the bones of a layout: mmaction2's ``AAGCN`` without its attention.

    Args:
        layout (str or SkeletonLayout): The skeleton.
        mode (str): How mmaction2's ``Graph`` partitions the neighbours.
        **kwargs: Arguments of mmaction2's ``AAGCN``.
    """

    def __init__(self, layout: str | SkeletonLayout = 'posetics17', mode: str = 'spatial', **kwargs) -> None:
        kwargs = dict(gcn_attention=False) | kwargs
        super().__init__(graph_cfg=dict(layout=get_layout(layout).graph, mode=mode), **kwargs)
