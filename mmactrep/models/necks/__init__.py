from .latent_time_navigation import LatentTimeNavigation, TimeEncoder
from .projection_head import ProjectionHead

__all__ = ['LatentTimeNavigation', 'ProjectionHead', 'TimeEncoder']
