"""Names that packages import at their first use."""

from __future__ import annotations

import subprocess
import sys

import pytest

import mmactrep.apis
import mmactrep.pose


@pytest.mark.parametrize('package', [mmactrep.apis, mmactrep.pose], ids=lambda package: package.__name__)
def test_every_name_is_listed_and_comes_from_where_it_is_written(package):
    for name in package.__all__:
        assert name in dir(package)
        value = getattr(package, name)
        assert value.__name__ == name
        assert value.__module__.startswith((package.__name__, 'mmactrep.errors'))


def test_an_unknown_name_is_told():
    with pytest.raises(AttributeError, match=r"module 'mmactrep\.apis' has no attribute 'Recogniser'"):
        mmactrep.apis.Recogniser  # noqa: B018


def test_importing_the_package_loads_no_model():
    code = (
        'import sys, mmactrep.apis, mmactrep.pose; print("torch" in sys.modules, "mediapipe" in sys.modules)'
    )
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ['False', 'False']
