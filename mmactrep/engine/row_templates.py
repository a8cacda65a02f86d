"""Rows that every method declares alike: frozen features, and trainings whose rate and length are chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .reproduction import Row

#: The same small grids for every encoder, pre-trained or not.
RATES = ('0.03', '0.1')
LINEAR_RATES = ('0.15', '0.5', '1.5')
RATE = 'optim_wrapper.optimizer.lr'


def frozen_features(
    config: str,
    encoder: str = 'none',
    labels: Sequence[float] = (1.0,),
    after: tuple[str, ...] = (),
    arguments: tuple[str, ...] = (),
) -> Row:
    """Nearest neighbors and a linear classifier on the frozen features of an encoder.

    Args:
        config: Config of a recognizer.
        encoder: Checkpoint or placeholder; 'none' is a random encoder with the row's seed.
        labels: Shares of the labels.
        after: Rows that make the data.
        arguments: Further arguments of ``evaluate_features.py``.
    """
    shares = [f'{share:g}' for share in labels]
    command = ('analysis/evaluate_features.py', f'configs/{config}.py', encoder)
    command += ('--seed', '{seed}', '--labels', *shares)
    return Row(commands=((*command, '--label-seeds', '0', '1', '2', *arguments),), after=after)


def chosen_training(
    name: str,
    config: str,
    encoder: str | None = None,
    overlays: tuple[str, ...] = (),
    options: Mapping[str, str] | None = None,
    arguments: tuple[str, ...] = (),
    rates: Sequence[str] = RATES,
    epochs: int = 60,
    longest: int = 240,
    seeds: Sequence[int] = (0,),
    holdout: tuple[str, ...] = ('--holdout', '0.25'),
    scores: bool = False,
    after: tuple[str, ...] = (),
    choice: str | None = None,
) -> dict[str, Row]:
    """A training with test, and the choice of its rate and length on a part of its training split.

    Args:
        name: Name of the training; that of the choice is ``choose/NAME``.
        config: Config to train.
        encoder: Weights from which it starts; None trains from scratch.
        overlays: Overlays of the config, apart from ``finetune``, which an encoder adds unless there is a
            protocol.
        options: ``--cfg-options`` of both.
        arguments: Further arguments of both, for instance ``--amp``.
        rates: Learning rates to choose from.
        epochs: Shortest length.
        longest: Largest length; lengths are doubled until nothing is gained.
        seeds: Seeds of the choice, each with a part of its own.
        holdout: Options of the part that is held out.
        scores: Whether the test keeps its scores.
        after: Rows that make the data.
        choice: Name of the training whose choice this one takes; its own by default.
    """
    if encoder and not {'finetune', 'linear'} & set(overlays):
        overlays = (*overlays, 'finetune')
    options = dict(options or {})
    if not encoder and 'linear' in overlays:
        # a random encoder, not the one that the config names
        options['load_from'] = 'None'
    command = ['analysis/choose_schedule.py', f'configs/{config}.py']
    command += ['--with', *overlays] if overlays else []
    command += ['--load-from', encoder] if encoder else []
    command += ['--rates', *rates, '--epochs', str(epochs), '--longest', str(longest), '--keep', '1']
    command += ['--seeds', *map(str, seeds), *holdout, '--work-dir', '{folder}/trials', *arguments]
    command += ['--cfg-options', *(f'{key}={value}' for key, value in options.items())] if options else []
    choice = choice or name
    made = {}
    if choice == name:
        made[f'choose/{name}'] = Row(commands=(tuple(command),), seeded=False, after=after)
    length = f'{{value:choose/{choice}:epochs}}'
    return made | {
        name: Row(
            config=config,
            overlays=overlays,
            load_from=encoder,
            # the test split is read once, at the end
            arguments=('--no-validate', '--epochs', length, *arguments),
            options={
                RATE: f'{{value:choose/{choice}:rate}}',
                'default_hooks.checkpoint.interval': length,
                **options,
            },
            scores=scores,
            after=after,
        ),
    }
