from .encoder import SkeletonEncoder, pool_frames, pool_sequences
from .graph_networks import LayoutAGCN, LayoutSTGCN
from .heatmap_network import JointHeatmapSlowOnly
from .unik import UNIK

__all__ = [
    'UNIK',
    'JointHeatmapSlowOnly',
    'LayoutAGCN',
    'LayoutSTGCN',
    'SkeletonEncoder',
    'pool_frames',
    'pool_sequences',
]
