"""Packages whose names are imported on first use."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any


def lazy_attributes(
    package: str, places: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """``__getattr__`` and ``__dir__`` for a package (PEP 562) that imports its names on first use.

    >>> __getattr__, __dir__ = lazy_attributes(__name__, dict(PoseEstimator='estimator'))

    Args:
        package: Name of the package, its ``__name__``.
        places: Maps each name to the module of the package that defines it.
    """

    def get(name: str) -> Any:
        if name not in places:
            raise AttributeError(f'module {package!r} has no attribute {name!r}')
        return getattr(importlib.import_module(f'.{places[name]}', package), name)

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *places})

    return get, names
