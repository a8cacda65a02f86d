"""Saving checkpoints so that a training killed at any moment resumes as if it had not been killed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from mmengine.dist import is_main_process
from mmengine.hooks import CheckpointHook

from mmactrep.errors import UserError
from mmactrep.registry import HOOKS

#: Keys of the message hub, besides MMEngine's own. A key beginning with 'val' would be logged as a result.
PENDING, OUTDATED = 'awaits_validation', 'outdated_ckpts'
PARTIAL = '.partial'


class MissingMetricError(UserError, KeyError):
    """``save_best`` names a metric that validation does not report."""


@HOOKS.register_module(name='CheckpointHook')
class AtomicCheckpointHook(CheckpointHook):
    """MMEngine's ``CheckpointHook`` with files that are complete at every moment; configs keep its name.

    * A checkpoint is written to a temporary file and then moved into place. What it replaces is deleted after
      that; what a kill left to be deleted is removed when training is resumed.
    * A checkpoint saved before the validation of its epoch records that this validation is pending. A
      training resumed from it validates first, so the best score and its checkpoint are never forgotten.
    * Paths stored in a checkpoint never reach files outside the work folder: the best checkpoint and those to
      be deleted are looked up there, by name.

    Args:
        **kwargs: See MMEngine's ``CheckpointHook``. ``interval`` grows with a run that
            ``LeastIterationsTrainLoop`` stretches.

    Raises:
        MissingMetricError: At the first validation, if ``save_best`` names a metric that it does not report.
    """

    def before_train(self, runner) -> None:
        """Restore the state of a resumed training, remove what a kill left, and run a pending validation."""
        hub = runner.message_hub
        self._take_only_own(hub.runtime_info)
        super().before_train(runner)
        self._best_into_folder(hub)
        if self.by_epoch and self.interval > 0:
            self.interval = max(1, round(self.interval * getattr(runner.train_loop, 'stretch', 1)))
        if self._is_local:
            left = [path.name for path in Path(self.out_dir).glob(f'*.pth{PARTIAL}')]
            self._remove([*left, *hub.runtime_info.get(OUTDATED, [])])
        hub.update_info(OUTDATED, [])
        if self.save_best and hub.runtime_info.get(PENDING) and runner.val_loop is not None and runner.epoch:
            runner.logger.info('The checkpoint was saved before its validation, which runs now')
            runner.val_loop.run()

    @property
    def _is_local(self) -> bool:
        return '://' not in str(self.out_dir)

    def _take_only_own(self, info: dict) -> None:
        """Drop what this hook did not write: a checkpoint may come from anyone."""
        for key in [key for key in info if key == 'best_ckpt' or key.startswith('best_ckpt_')]:
            name = os.path.basename(str(info[key]))
            if re.fullmatch(r'best_[^/\0]+\.pth', name):
                info[key] = name
            else:
                del info[key]
        ids = info.get('keep_ckpt_ids')
        if ids is not None:
            info['keep_ckpt_ids'] = (
                [each for each in ids if type(each) is int] if isinstance(ids, list) else []
            )
        outdated = info.get(OUTDATED)
        outdated = outdated if isinstance(outdated, list) else []
        info[OUTDATED] = [
            name for name in outdated if isinstance(name, str) and re.fullmatch(r'best_[^/\0]+\.pth', name)
        ]

    def _best_into_folder(self, hub) -> None:
        """Turn names of best checkpoints into paths in the folder of this run, wherever they were."""
        if not self.save_best:
            return
        if len(self.key_indicators) == 1:
            if self.best_ckpt_path:
                self.best_ckpt_path = self._path(self.best_ckpt_path)
                hub.update_info('best_ckpt', self.best_ckpt_path)
            return
        for key, name in self.best_ckpt_path_dict.items():
            if name:
                self.best_ckpt_path_dict[key] = self._path(name)
                hub.update_info(f'best_ckpt_{key}', self._path(name))

    def _path(self, name: str) -> str:
        return self.file_backend.join_path(self.out_dir, name)

    def _save_checkpoint(self, runner) -> None:
        runner.message_hub.update_info(PENDING, bool(self.save_best) and _validation_follows(runner))
        super()._save_checkpoint(runner)

    def _save_checkpoint_with_step(self, runner, step: int, meta: dict) -> None:
        hub, outdated = runner.message_hub, []
        if self.max_keep_ckpts > 0 and (not self.keep_ckpt_ids or self.keep_ckpt_ids[-1] != step):
            kept = [*self.keep_ckpt_ids, step]
            outdated = kept[: -self.max_keep_ckpts]
            self.keep_ckpt_ids.append(step)
            # the file lists the existing checkpoints; a resumed training deletes surplus ones
            hub.update_info('keep_ckpt_ids', kept)
        name = self.filename_tmpl.format(step)
        self.last_ckpt = self._path(name)
        hub.update_info('last_ckpt', self.last_ckpt)
        self._write(
            runner,
            name,
            save_optimizer=self.save_optimizer,
            save_param_scheduler=self.save_param_scheduler,
            meta=meta,
            by_epoch=self.by_epoch,
            **self.args,
        )
        if is_main_process():
            pointer = Path(runner.work_dir, 'last_checkpoint')
            beside = pointer.with_name(pointer.name + PARTIAL)
            beside.write_text(self.last_ckpt)
            os.replace(beside, pointer)
        self._remove(self.filename_tmpl.format(each) for each in outdated)
        if self.max_keep_ckpts > 0:
            hub.update_info('keep_ckpt_ids', list(self.keep_ckpt_ids))

    def _write(self, runner, name: str, **kwargs) -> None:
        """Save to a temporary file, then move it into place."""
        kwargs |= dict(file_client_args=self.file_client_args, backend_args=self.backend_args)
        if not self._is_local:
            runner.save_checkpoint(self.out_dir, name, **kwargs)
            return
        runner.save_checkpoint(self.out_dir, name + PARTIAL, **kwargs)
        if is_main_process():
            partial = Path(self.out_dir, name + PARTIAL)
            with open(partial, 'rb+') as file:
                os.fsync(file.fileno())
            os.replace(partial, Path(self.out_dir, name))

    def _remove(self, names: Iterable[str]) -> None:
        if not is_main_process():
            return
        for name in names:
            path = self._path(name)
            if self.file_backend.isfile(path):
                self.file_backend.remove(path)
            elif self.file_backend.isdir(path):  # those of deepspeed
                self.file_backend.rmtree(path)

    def after_val_epoch(self, runner, metrics: dict) -> None:
        """Save the best checkpoint; the validation is no longer pending."""
        runner.message_hub.update_info(PENDING, False)
        super().after_val_epoch(runner, metrics)

    def _save_best_checkpoint(self, runner, metrics: dict) -> None:
        if not self.save_best:
            return
        hub, step = runner.message_hub, runner.epoch if self.by_epoch else runner.iter
        if 'auto' in self.key_indicators:
            self._init_rule(self.rules, [next(iter(metrics))])
        meta = dict(epoch=runner.epoch, iter=runner.iter)
        outdated, updated = [], False
        for key, rule in zip(self.key_indicators, self.rules):
            if key not in metrics:
                raise MissingMetricError(
                    f"default_hooks.checkpoint.save_best is '{key}', which validation does not give; it "
                    f'gives {", ".join(sorted(metrics))}'
                )
            single = len(self.key_indicators) == 1
            score_key = 'best_score' if single else f'best_score_{key}'
            best = hub.runtime_info.get(score_key, self.init_value_map[rule])
            if metrics[key] is None or not self.is_better_than[key](metrics[key], best):
                continue
            updated = True
            old = self.best_ckpt_path if single else self.best_ckpt_path_dict[key]
            name = f'best_{key}_{self.filename_tmpl.format(step)}'.replace('/', '_')
            if single:
                self.best_ckpt_path = self._path(name)
            else:
                self.best_ckpt_path_dict[key] = self._path(name)
            if old and os.path.basename(old) != name:
                outdated.append(os.path.basename(old))
            hub.update_info(score_key, metrics[key])
            hub.update_info('best_ckpt' if single else f'best_ckpt_{key}', self._path(name))
            self._write(
                runner, name, save_optimizer=False, save_param_scheduler=False, meta=meta, by_epoch=False
            )
            runner.logger.info(f'The best checkpoint with {metrics[key]:0.4f} {key} is saved to {name}.')
        if not updated:
            return
        # the checkpoint to resume from must record the best score and what is not deleted yet
        hub.update_info(OUTDATED, outdated)
        if self.last_ckpt is not None:
            self._save_checkpoint_with_step(runner, step, meta)
        self._remove(outdated)
        hub.update_info(OUTDATED, [])


def _validation_follows(runner) -> bool:
    """Whether the loop validates after the epoch (or iteration) just trained."""
    loop = runner.train_loop
    if runner.val_loop is None:
        return False
    done, last = (
        (runner.epoch + 1, loop.max_epochs)
        if hasattr(loop, 'run_epoch')
        else (runner.iter + 1, loop.max_iters)
    )
    return done >= loop.val_begin and (done % loop.val_interval == 0 or done == last)
