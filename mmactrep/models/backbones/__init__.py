from .graph_networks import LayoutAGCN, LayoutSTGCN
from .unik import UNIK, frame_features, sequence_features

__all__ = ['UNIK', 'LayoutAGCN', 'LayoutSTGCN', 'frame_features', 'sequence_features']
