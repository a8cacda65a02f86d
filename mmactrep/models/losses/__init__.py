from .cosine_regression import CosineRegression
from .info_nce import InfoNCE, info_nce

__all__ = ['CosineRegression', 'InfoNCE', 'info_nce']
