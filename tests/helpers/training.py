"""A training of a few seconds: a tiny store, a tiny UNIK, and the tools as a user calls them."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import numpy as np
import torch

from mmactrep.engine.hooks.checkpoint_state_hooks import current_random_state, set_random_state
from mmactrep.store.writer import SkeletonStoreWriter
from tests.helpers import processes

REPO = Path(__file__).resolve().parents[2]
CLASSES = ('left', 'right', 'up')

CONFIG = """
_base_ = '{repo}/configs/_base_/default_runtime.py'
model = dict(
    type='RecognizerGCN',
    backbone=dict(type='UNIK', channels=(8, 8), strides=(1, 2), dilations=(1, 1), kernel_size=3),
    cls_head=dict(type='GCNHead', num_classes=3, in_channels=8, dropout=0.5),
)
pipeline = [
    dict(type='RandomTemporalCrop', length=8),
    dict(type='RandomMove'),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=1),
    dict(type='PackSkeletonInputs'),
]
test_pipeline = [
    dict(type='ReplayPad', length=8),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=1),
    dict(type='PackSkeletonInputs'),
]
dataset = dict(type='SkeletonDataset', ann_file='{root}')
train_dataloader = dict(
    batch_size=4, num_workers=0, sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(split='train', pipeline=pipeline, **dataset),
)
val_dataloader = dict(
    batch_size=4, num_workers=0, sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(split='test', pipeline=test_pipeline, test_mode=True, **dataset),
)
test_dataloader = val_dataloader
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='SGD', lr=0.1, momentum=0.9))
param_scheduler = [dict(type='MultiStepLR', by_epoch=True, milestones=[2], gamma=0.1)]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=4, val_interval=1)
default_hooks = dict(logger=dict(interval=2))
env_cfg = dict(dist_cfg=dict(backend='gloo'))
"""


def write_store(root: Path, train: int = 18, test: int = 9) -> Path:
    """Write a store of clips whose joints move left, right or up."""
    rng = np.random.default_rng(0)
    ways = np.array([[-1, 0], [1, 0], [0, -1]], np.float32)
    with SkeletonStoreWriter(root, 'posetics17', CLASSES) as writer:
        for i in range(train + test):
            time = np.arange(10, dtype=np.float32)[None, :, None, None]
            start = rng.normal(size=(1, 1, 17, 2)).astype(np.float32)
            writer.add(f'clip_{i:03d}', start + time * ways[i % 3], label=i % 3, img_shape=(480, 640))
        writer.add_split('train', (f'clip_{i:03d}' for i in range(train)))
        writer.add_split('test', (f'clip_{i:03d}' for i in range(train, train + test)))
        writer.finish()
    return root


def write_config(folder: Path, root: Path) -> Path:
    """Write the tiny config for a store; returns its path."""
    path = folder / 'tiny.py'
    path.write_text(CONFIG.format(repo=REPO, root=root))
    return path


def environment() -> dict[str, str]:
    """The environment with one thread, and the folder of the interpreter first on the path."""
    path = f'{Path(sys.executable).parent}{os.pathsep}{os.environ["PATH"]}'
    return os.environ | dict(OMP_NUM_THREADS='1', PATH=path, PYTHON=sys.executable)


def run_tool(*args: object, check: bool = True) -> subprocess.CompletedProcess:
    """Run a tool of the repository with this interpreter (a ``.sh`` with bash)."""
    tool = str(REPO / 'tools' / str(args[0]))
    command = [tool, *map(str, args[1:])]
    if tool.endswith('.sh'):
        result = subprocess.run(
            ['bash', *command], capture_output=True, text=True, env=environment(), timeout=240
        )
    else:
        result = processes.run(command, environment())
    if check and result.returncode:
        raise AssertionError(f'{args} failed:\n{result.stdout[-3000:]}\n{result.stderr[-3000:]}')
    return result


def load_tool(name: str) -> ModuleType:
    """Import a tool, to call it in this process; ``name`` is its path below ``tools/``.

    ``load_tool('../demo/skeleton_demo.py')`` imports a demo.
    """
    spec = importlib.util.spec_from_file_location(f'tool_{Path(name).stem}', REPO / 'tools' / name)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def restored_random_state() -> Iterator[None]:
    """Restore the random state and the flags of torch that a runner changes, for other tests."""
    state, deterministic = current_random_state(), torch.are_deterministic_algorithms_enabled()
    try:
        yield
    finally:
        set_random_state(state)
        torch.use_deterministic_algorithms(deterministic)
