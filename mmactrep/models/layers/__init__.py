"""Units that several models share."""

from .dependency_unit import SpatialLSU, TemporalLSU, fold_for_inference, unfold_windows

__all__ = ['SpatialLSU', 'TemporalLSU', 'fold_for_inference', 'unfold_windows']
