"""Procedural motion in the format of public data sets, for use where the real ones are absent."""

from .posetics import StandinSettings, write_standin

__all__ = ['StandinSettings', 'write_standin']
