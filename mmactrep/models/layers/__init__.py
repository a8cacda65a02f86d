"""Units shared by several models."""

from .dependency_unit import SpatialLSU, TemporalLSU, fold_for_inference, unfold_windows
from .orthogonal_dictionary import (
    LinearActionDecomposition,
    MotionCode,
    OrthogonalDictionary,
    compose_codes,
    orthonormal_basis,
)

__all__ = [
    'LinearActionDecomposition',
    'MotionCode',
    'OrthogonalDictionary',
    'SpatialLSU',
    'TemporalLSU',
    'compose_codes',
    'fold_for_inference',
    'orthonormal_basis',
    'unfold_windows',
]
