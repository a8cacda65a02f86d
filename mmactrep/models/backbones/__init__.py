from .encoder import SkeletonEncoder, pool_frames, pool_sequences
from .graph_networks import LayoutAGCN, LayoutSTGCN
from .unik import UNIK

__all__ = ['UNIK', 'LayoutAGCN', 'LayoutSTGCN', 'SkeletonEncoder', 'pool_frames', 'pool_sequences']
