from .info_nce import InfoNCE, info_nce, instance_overlap

__all__ = ['InfoNCE', 'info_nce', 'instance_overlap']
