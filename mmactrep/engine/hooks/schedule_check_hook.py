"""Warnings before training about a schedule that extends beyond it."""

from __future__ import annotations

from collections.abc import Iterator

from mmengine.hooks import Hook
from mmengine.logging import print_log

from mmactrep.errors import UserError
from mmactrep.registry import HOOKS


class ScheduleError(UserError, ValueError):
    """A training that would not make a single step."""


@HOOKS.register_module()
class ScheduleCheckHook(Hook):
    """Warns of parts of a schedule that lie beyond the end of the run, and refuses a run without a step.

    With a warm-up longer than the run the learning rate stays a fraction of its full value; a milestone
    beyond the end is never reached; with a validation or checkpoint interval longer than the run only the
    last epoch is validated or saved; a batch larger than the data makes one step per epoch.

    Raises:
        ScheduleError: If an epoch has no iteration.
    """

    # before anything works on the data
    priority = 'VERY_HIGH'

    def before_train(self, runner) -> None:
        """Log a warning for each part beyond the end of the run."""
        for message in find_schedule_problems(runner):
            print_log(f'schedule: {message}', logger='current', level=30)


def find_schedule_problems(runner) -> Iterator[str]:
    """The parts of a built runner's schedule that lie beyond its end, one line each.

    Raises:
        ScheduleError: If an epoch has no iteration.
    """
    loop, loader = runner.train_loop, runner.train_dataloader
    check_loader(loader)
    clips = len(loader.dataset)
    if loader.batch_size and clips < loader.batch_size:
        yield (
            f'a batch has {loader.batch_size} clips, the training data {clips}: every epoch is a single step'
        )
    schedulers = runner.param_schedulers or []
    if isinstance(schedulers, dict):
        schedulers = [each for group in schedulers.values() for each in group]
    for scheduler in schedulers:
        yield from _scheduler_problems(scheduler, loop)
    epochs = getattr(loop, 'max_epochs', None)
    counted, unit = (epochs, 'epochs') if hasattr(loop, 'run_epoch') else (loop.max_iters, 'iterations')
    if runner.val_loop is not None and loop.val_interval > counted:
        yield (
            f'val_interval is {loop.val_interval}, the run has {counted} {unit}: '
            'it validates once, after the last'
        )


def check_loader(loader) -> None:
    """Refuse training data that do not fill one batch.

    Raises:
        ScheduleError: With the number of clips and the batch size.
    """
    if len(loader) == 0:
        raise ScheduleError(
            f'the training data have {len(loader.dataset)} clips, a batch {loader.batch_size}, and an '
            'incomplete batch is dropped (drop_last): no step could be made. Set '
            'train_dataloader.batch_size lower, or train_dataloader.drop_last=False'
        )


def _scheduler_problems(scheduler, loop) -> Iterator[str]:
    name = type(scheduler).__name__
    total, unit = (loop.max_epochs, 'epochs') if scheduler.by_epoch else (loop.max_iters, 'iterations')
    if scheduler.begin >= total:
        yield f'{name} begins at {scheduler.begin}, the run has {total} {unit}: it never acts'
        return
    rises = getattr(scheduler, 'start_factor', 1) < getattr(scheduler, 'end_factor', 0)
    if rises and total < scheduler.end < 2**31 - 1:
        yield (
            f'the warm-up {name} takes {scheduler.end} {unit}, the run has {total}: the full learning '
            'rate is '
            "never reached; dict(type='WarmUpLR', by_epoch=False) follows the length of the run"
        )
    beyond = [int(each) for each in getattr(scheduler, 'milestones', ()) if each >= total]
    if beyond:
        yield f'{name} has milestones {beyond}, the run has {total} {unit}: they never come'
    period = getattr(scheduler, 'T_max', None)
    if period and period > total:
        yield (
            f'{name} takes {period} {unit} for its descent, the run has {total}: it ends before the lowest '
            'rate'
        )
