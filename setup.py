"""Packaging of mmactrep. The OpenMMLab stack is installed on its own, see requirements/mminstall.txt."""

import shutil
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
#: What comes with the package, in its folder ``.mim`` as in OpenMMLab's packages. A checkout, and an editable
#: installation of it, have these where they stand (``mmactrep.packaged``).
RESOURCES = (
    'model-index.yml',
    'configs/**/*.py',
    'configs/**/*.md',
    'configs/**/*.txt',
    'configs/**/*.yml',
    'demo/*.py',
    'demo/checkpoints/*',
    'tools/**/*.py',
    'tools/**/*.sh',
)


class BuildWithResources(build_py):
    """Copies configs, checkpoints and scripts beside the package when a wheel is built."""

    def run(self) -> None:
        """Build the package, then copy."""
        super().run()
        if getattr(self, 'editable_mode', False):
            return
        target = Path(self.build_lib, 'mmactrep', '.mim')
        # an earlier build may have left files that are gone
        shutil.rmtree(target, ignore_errors=True)
        for pattern in RESOURCES:
            for path in ROOT.glob(pattern):
                copy = target / path.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, copy)


def read_version() -> str:
    """``__version__`` without importing the package."""
    scope: dict = {}
    exec((ROOT / 'mmactrep' / 'version.py').read_text(encoding='utf-8'), scope)
    return scope['__version__']


def read_requirements(name: str) -> list[str]:
    """Requirement lines of a file in ``requirements/``."""
    lines = (ROOT / 'requirements' / f'{name}.txt').read_text(encoding='utf-8').splitlines()
    return [line.split('#')[0].strip() for line in lines if line.split('#')[0].strip()]


setup(
    name='mmactrep',
    version=read_version(),
    description='Action representation learning from human motion: an extension of mmaction2',
    long_description=(ROOT / 'README.md').read_text(encoding='utf-8'),
    long_description_content_type='text/markdown',
    license='Apache-2.0',
    cmdclass=dict(build_py=BuildWithResources),
    packages=find_packages(include=['mmactrep', 'mmactrep.*']),
    include_package_data=True,
    entry_points=dict(console_scripts=['mmactrep = mmactrep.cli:main']),
    python_requires='>=3.10',
    install_requires=read_requirements('runtime'),
    extras_require=dict(
        mm=read_requirements('mminstall'), ops=read_requirements('ops'), tests=read_requirements('tests')
    ),
    classifiers=[
        'License :: OSI Approved :: Apache Software License',
        'Programming Language :: Python :: 3.10',
        'Programming Language :: Python :: 3.11',
        'Programming Language :: Python :: 3.12',
        'Topic :: Scientific/Engineering :: Artificial Intelligence',
    ],
)
