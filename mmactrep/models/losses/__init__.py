from .info_nce import InfoNCE, info_nce

__all__ = ['InfoNCE', 'info_nce']
