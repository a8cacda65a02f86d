"""What a checkpoint holds besides weights: plain data, and enough of it to resume exactly."""

from __future__ import annotations

import random

import numpy as np
import torch
from mmengine.dist import all_gather_object, get_rank, get_world_size
from mmengine.hooks import Hook
from mmengine.logging import HistoryBuffer, MessageHub
from mmengine.model import is_model_wrapper

from mmactrep.engine.resuming import reading_training
from mmactrep.engine.text_recognizers import mapped_layout, seen_classes, text_recognizer_config
from mmactrep.engine.trained_on import GENERATOR, INFERENCE, LAYOUT, SEEN, generator_config, inference_config
from mmactrep.registry import HOOKS
from mmactrep.structures import SkeletonLayout

from .sample_seed_hook import unwrap_datasets


@HOOKS.register_module()
class PlainCheckpointHook(Hook):
    """Saves what inference needs, and MMEngine's message hub as lists and numbers, not pickled objects.

    ``torch.load(weights_only=True)`` then reads the checkpoint without any allowed classes. On resume the
    hub is rebuilt. See :mod:`mmactrep.engine.trained_on` for what is recorded about the training.
    """

    def before_save_checkpoint(self, runner, checkpoint: dict) -> None:
        """Flatten the hub; record the whole layout and the part of the config that inference needs."""
        checkpoint['meta'] |= describe_training(runner)
        hub = checkpoint.get('message_hub')
        if isinstance(hub, MessageHub):
            hub = hub.state_dict()
        if hub is not None:
            checkpoint['message_hub'] = flatten_hub(hub)

    def after_load_checkpoint(self, runner, checkpoint: dict) -> None:
        """Rebuild the hub."""
        hub = checkpoint.get('message_hub')
        if isinstance(hub, dict) and hub.get('plain'):
            with reading_training(str(getattr(runner, 'loaded_path', None) or 'the checkpoint')):
                checkpoint['message_hub'] = restore_hub(hub)


def describe_training(runner) -> dict:
    """What a checkpoint records about its training, besides MMEngine's entries, to be usable alone.

    A motion generator's config has the generator's layout; that of the data may differ from it. The config of
    a pre-training with texts is that of the recognizer that it makes.
    """
    found = {}
    model = runner.model.module if is_model_wrapper(runner.model) else runner.model
    generated = getattr(getattr(model, 'generator', None), 'layout', None)
    if isinstance(generated, SkeletonLayout):
        generator = generator_config(runner.cfg, generated)
        if generator is not None:
            found[GENERATOR] = generator
    dataset = next(unwrap_datasets(runner.train_dataloader.dataset))
    layout = getattr(getattr(dataset, 'store', None), 'layout', None) or getattr(dataset, 'layout', None)
    # windows of a motion library have no layout of skeletons: the model makes those
    layout = layout or generated or getattr(getattr(model, 'data_preprocessor', None), 'layout', None)
    config = text_recognizer_config(runner.cfg)
    if config is not None:
        found[SEEN] = seen_classes(unwrap_datasets(runner.train_dataloader.dataset))
        # its data sets may have several layouts, the model has that to which they are mapped
        layout = mapped_layout(dataset) or layout
    if isinstance(layout, SkeletonLayout):
        found[LAYOUT] = layout.to_dict()
    config = config or inference_config(runner.cfg)
    if config is not None:
        found[INFERENCE] = config
    return found


def flatten_hub(hub: dict) -> dict:
    """State of a ``MessageHub`` as plain data; other entries of ``runtime_info`` are skipped."""
    scalars = {
        name: dict(
            values=[float(value) for value in buffer._log_history],
            counts=[int(count) for count in buffer._count_history],
            max_length=int(buffer.max_length),
        )
        for name, buffer in hub['log_scalars'].items()
    }
    info = {key: _plain(value) for key, value in hub['runtime_info'].items()}
    return dict(
        plain=True,
        log_scalars=scalars,
        runtime_info={key: value for key, value in info.items() if value is not None},
        resumed_keys={key: bool(value) for key, value in hub['resumed_keys'].items()},
    )


def restore_hub(plain: dict) -> dict:
    """Inverse of :func:`flatten_hub`."""
    scalars = {
        name: HistoryBuffer(buffer['values'], buffer['counts'], buffer['max_length'])
        for name, buffer in plain['log_scalars'].items()
    }
    info = plain['runtime_info']
    resumed = {key: flag for key, flag in plain['resumed_keys'].items() if key in scalars or key in info}
    return dict(log_scalars=scalars, runtime_info=info, resumed_keys=resumed)


def _plain(value):
    """The value as numbers, strings and lists, or None if it cannot be expressed with those."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        items = [_plain(item) for item in value]
        return None if any(item is None for item in items) else items
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: _plain(item) for key, item in value.items()}
    return None


@HOOKS.register_module()
class RandomStateHook(Hook):
    """Saves the states of all random generators in the checkpoint and restores them on resume.

    With the deterministic option a killed and resumed training ends with the same weights as an
    uninterrupted one. Every process of a distributed run keeps its own states.
    """

    key = 'random_state'
    # before CheckpointHook, which saves at the end of the same epoch
    priority = 'NORMAL'

    def __init__(self) -> None:
        self._gathered: list[dict] | None = None
        self._loaded: list[dict] | None = None
        self._before_val: dict | None = None
        self._before_loader: torch.Tensor | None = None

    def before_val(self, runner) -> None:
        """Remember the states: validation must not advance the generators, since a resumed run skips it."""
        self._before_val = current_random_state()

    def after_val(self, runner) -> None:
        """Return the generators to where training left them."""
        if self._before_val is not None:
            set_random_state(self._before_val)
        self._before_val = None

    def before_save_checkpoint(self, runner, checkpoint: dict) -> None:
        """Store the states in the first process; the others' were gathered before.

        A new best checkpoint is saved during validation: it gets the states from before the validation.

        """
        states = [self._before_val or current_random_state()] if get_world_size() == 1 else self._gathered
        if states is not None:
            checkpoint[self.key] = states

    def after_train_epoch(self, runner) -> None:
        """Gather the states of all processes."""
        if get_world_size() > 1:
            self._gathered = all_gather_object(current_random_state())

    def after_load_checkpoint(self, runner, checkpoint: dict) -> None:
        """Keep the states for a resume; a checkpoint is also loaded for testing or fine-tuning."""
        states = checkpoint.get(self.key)
        self._loaded = states if isinstance(states, list) else None

    def before_train(self, runner) -> None:
        """Restore the states of a resumed training, which may validate and save before its first epoch."""
        if not runner._resume or not self._loaded or len(self._loaded) != get_world_size():
            self._loaded = None
            return
        with reading_training(str(getattr(runner, 'loaded_path', None) or 'the checkpoint')):
            set_random_state(self._loaded[get_rank()])
        self._gathered = self._loaded

    def before_train_epoch(self, runner) -> None:
        """Restore the states again when the first epoch after a resume begins."""
        if self._loaded:
            set_random_state(self._loaded[get_rank()])
        self._loaded = None
        self._before_loader = torch.get_rng_state()

    def before_train_iter(self, runner, batch_idx: int, data_batch=None) -> None:
        """Undo what a data loader draws from torch's generator when it starts its workers.

        A resumed run starts them at other times.
        """
        if batch_idx == 0:
            torch.set_rng_state(self._before_loader)


def current_random_state() -> dict:
    """States of Python's, numpy's and torch's generators (and CUDA's of the current device) as plain data."""
    name, keys, position, has_gauss, cached = np.random.get_state()
    version, internal, gauss = random.getstate()
    state = dict(
        python=[version, list(internal), gauss],
        numpy=[name, torch.from_numpy(keys.astype(np.int64)), position, has_gauss, cached],
        torch=torch.get_rng_state(),
    )
    if torch.cuda.is_available():
        state['cuda'] = torch.cuda.get_rng_state()
    return state


def set_random_state(state: dict) -> None:
    """Inverse of :func:`current_random_state`."""
    version, internal, gauss = state['python']
    random.setstate((version, tuple(internal), gauss))
    name, keys, position, has_gauss, cached = state['numpy']
    np.random.set_state((name, keys.cpu().numpy().astype(np.uint32), position, has_gauss, cached))
    torch.set_rng_state(state['torch'].cpu())
    if 'cuda' in state and torch.cuda.is_available():
        torch.cuda.set_rng_state(state['cuda'].cpu())
