"""One training and its test, in a process of its own, resumed where it was interrupted."""

from __future__ import annotations

import math
import shutil
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mmactrep.engine.config_files import CONFIG_FOLDER, write_config
from mmactrep.files import BadFileError, read_arrays

from .cache import content_of, key_of, write_json

if TYPE_CHECKING:
    from mmengine.config import Config

RECIPES, RECIPE = CONFIG_FOLDER / '_base_' / 'recipes', 'teach_2d.py'
RESULT_FILE, CHECKPOINT = 'result.npz', 'model.pth'


@dataclass(frozen=True)
class TrainingJob:
    """A training.

    Args:
        name: Name of its folder.
        store: The store.
        train: Split of the training clips; None for all clips.
        test: Split of the test clips; None for all clips.
        steps: Length in steps.
        rate: Learning rate.
        start: Checkpoint to start from; empty for random weights.
        share: Share of the training clips that is used.
        seed: Seed.
        keep: Keep the checkpoint.
        config: Config of the network. Default: the recipe of this command.
        overlays: Overlays on it.
    """

    name: str
    store: str
    train: str | None = 'train'
    test: str | None = 'test'
    steps: int = 200
    rate: float = 0.05
    start: str = ''
    share: float | None = None
    seed: int = 0
    keep: bool = False
    config: str = ''
    overlays: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class TrainingResult:
    """What a training gave on its test clips, n of them.

    Args:
        ids: (n,) names.
        labels: (n,).
        probabilities: (n, K).
        logits: (n, K).
        features: (n, C').
        train_features: (m, C') of the training clips, through the pipeline of the test.
        train_labels: (m,).
        seconds: What it took.
    """

    ids: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray
    logits: np.ndarray
    features: np.ndarray
    train_features: np.ndarray
    train_labels: np.ndarray
    seconds: float = 0.0

    @property
    def accuracy(self) -> float:
        """Share of the test clips that are recognized."""
        return float((self.probabilities.argmax(axis=1) == self.labels).mean())


def job_config(job: TrainingJob) -> Config:
    """The config of a training."""
    from mmactrep.engine.composed_config import compose_config

    path = job.config or str(RECIPES / RECIPE)
    loaders = ('train_dataloader', 'val_dataloader', 'test_dataloader')
    options: dict[str, Any] = {f'{name}.dataset.ann_file': job.store for name in loaders}
    options |= {f'{name}.dataset.split': job.test for name in loaders[1:]}
    options['train_dataloader.dataset.split'] = job.train
    options['optim_wrapper.optimizer.lr'] = job.rate
    options['randomness.seed'] = job.seed
    if job.share is not None:
        options['train_dataloader.dataset.labelled_fraction'] = job.share
        options['train_dataloader.dataset.labelled_seed'] = job.seed
    cfg = compose_config(path, job.overlays, options)
    for name in loaders:
        pipeline = cfg[name].dataset.pipeline
        if cfg.get('num_person') == 1:  # there is no order of one
            pipeline.pop('persons', None)
    if job.start:
        cfg.load_from = job.start
    return cfg


def run_job(item: tuple[TrainingJob, Path]) -> TrainingResult:
    """Train and test, or read what an earlier call found.

    Args:
        item: The training, and the folder of all work folders.

    Raises:
        UserError: If data, weights and config do not fit.
    """
    job, runs = item
    folder = runs / job.name
    key = job_key(job)
    known = read_result(folder, key)
    if known is not None and (not job.keep or (folder / CHECKPOINT).is_file()):
        return known
    note = folder / 'job.json'
    if not (note.is_file() and key in note.read_text(encoding='utf-8')):
        shutil.rmtree(folder, ignore_errors=True)  # of another training
        write_json(note, dict(key=key, **asdict(job)))
    result = _train(job, folder)
    arrays = dict(vars(result))
    partial = folder / f'{RESULT_FILE}.partial'
    with open(partial, 'wb') as file:
        np.savez_compressed(file, key=np.frombuffer(key.encode(), np.uint8), **arrays)
    partial.replace(folder / RESULT_FILE)
    for path in folder.glob('*.pth'):
        if path.name != CHECKPOINT:
            path.unlink()
    return result


def job_key(job: TrainingJob) -> str:
    """Name of a training of a store with this content by this recipe: another one if clips were added, or if
    the weights to start from are others, wherever they lie."""
    from mmactrep.store.format import META_FILE

    recipe = Path(job.config or RECIPES / RECIPE).read_text(encoding='utf-8')
    told = dict(asdict(job), start=content_of(job.start))
    return key_of([told, (Path(job.store) / META_FILE).read_text(encoding='utf-8'), recipe])


def read_result(folder: Path, key: str) -> TrainingResult | None:
    """The result in a work folder, if it is that of the training with this key."""
    try:
        found = read_arrays(folder / RESULT_FILE)
        if bytes(found.pop('key')).decode() != key:
            return None
        return TrainingResult(**found | dict(seconds=float(found['seconds'])))
    except (OSError, BadFileError, KeyError, TypeError, ValueError):
        return None


def _train(job: TrainingJob, folder: Path) -> TrainingResult:
    from mmengine.registry import init_default_scope

    from mmactrep.engine.checkpoints import find_last_whole_checkpoint
    from mmactrep.engine.run_length import set_epochs
    from mmactrep.engine.runner import ConfiguredRunner

    # an expert of mmpose leaves its own scope behind
    init_default_scope('mmactrep')
    begin = time.perf_counter()
    cfg = job_config(job)
    cfg.work_dir = str(folder)
    cfg.experiment_name = f'{folder.parent.parent.name}_{job.name}_{time.time_ns()}'
    cfg.log_level = 'WARNING'
    per_epoch = max(1, math.ceil(_count(cfg) / cfg.train_dataloader.batch_size))
    epochs = max(1, math.ceil(job.steps / per_epoch))
    set_epochs(cfg, epochs)
    # the test comes after the last step; checkpoints in between are for a resume only
    cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
    checkpoint = cfg.default_hooks.checkpoint
    checkpoint.pop('save_best', None)
    checkpoint.interval, checkpoint.max_keep_ckpts = max(1, math.ceil(epochs / 3)), 1
    last = find_last_whole_checkpoint(folder)
    if last is not None:
        cfg.resume, cfg.load_from = True, str(last)
    runner = ConfiguredRunner.from_cfg(cfg)
    runner.train()
    tested = clip_outputs(runner.model, cfg.test_dataloader)
    trained = clip_outputs(runner.model, _as_tested(cfg))
    if job.keep:
        find_last_whole_checkpoint(folder).replace(folder / CHECKPOINT)
        write_config(cfg, folder / 'config.py')
    return TrainingResult(
        tested['ids'], tested['labels'], tested['probabilities'], tested['logits'], tested['features'],
        trained['features'], trained['labels'], time.perf_counter() - begin,
    )  # fmt: skip


def _as_tested(cfg: Config) -> dict:
    from mmactrep.engine.holdout import training_clips_as_tested

    dataset = training_clips_as_tested(cfg.train_dataloader.dataset, cfg.test_dataloader.dataset)
    return dict(cfg.test_dataloader, dataset=dataset)


def _count(cfg: Config) -> int:
    from mmactrep.registry import DATASETS

    return len(DATASETS.build(dict(cfg.train_dataloader.dataset, pipeline=[])))


def clip_outputs(model: Any, loader: dict) -> dict[str, np.ndarray]:
    """Names, labels and outputs of a recognizer for all clips of a data loader's config."""
    from mmactrep.engine.recognizer_outputs import recognizer_outputs
    from mmactrep.engine.runner import ConfiguredRunner

    model.eval()
    found: dict[str, list] = dict(ids=[], labels=[], probabilities=[], logits=[], features=[])
    for batch in ConfiguredRunner.build_dataloader(loader):
        outputs = recognizer_outputs(model, batch)
        for name in ('probabilities', 'logits', 'features'):
            found[name].append(getattr(outputs, name).cpu().numpy())
        found['ids'] += [sample.frame_dir for sample in batch['data_samples']]
        found['labels'] += [int(sample.gt_label) for sample in batch['data_samples']]
    return dict(
        ids=np.array(found['ids']),
        labels=np.array(found['labels'], np.int64),
        **{name: np.concatenate(found[name]) for name in ('probabilities', 'logits', 'features')},
    )
