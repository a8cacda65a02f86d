"""Choosing rate and length: which trainings are run, and when it stops."""

from __future__ import annotations

import pytest

from mmactrep.engine.schedule_choice import choose_schedule


def recorded(metric):
    """A training whose metric is a function, and the list of what was run."""
    calls = []

    def run(rate, epochs, seed):
        calls.append((rate, epochs, seed))
        return metric(rate, epochs, seed)

    return run, calls


def test_all_rates_are_tried_first_then_the_best_until_nothing_is_gained():
    run, calls = recorded(lambda rate, epochs, seed: min(epochs, 40) - abs(rate - 0.1) * 10)
    choice = choose_schedule(run, [0.05, 0.1, 0.2, 0.4], [10], longest=500, keep=2)
    assert (choice.best.rate, choice.best.epochs) == (0.1, 40) and choice.plateau
    assert [call[:2] for call in calls[:4]] == [(0.05, 10), (0.1, 10), (0.2, 10), (0.4, 10)]
    # 80 epochs are no better than 40; 160 are not tried
    assert [call[:2] for call in calls[4:]] == [
        (rate, epochs) for epochs in (20, 40, 80) for rate in (0.05, 0.1)
    ]
    assert choice.warnings([0.05, 0.1, 0.2, 0.4]) == []


def test_a_gain_within_the_standard_error_over_seeds_ends_the_search():
    noise = {10: (0.5, 0.7, 0.6), 20: (0.7, 0.52, 0.61), 40: (0.9, 0.9, 0.9)}
    run, calls = recorded(lambda rate, epochs, seed: noise[epochs][seed])
    choice = choose_schedule(run, [0.1], [10, 20, 40], seeds=[0, 1, 2])
    assert choice.plateau and {epochs for _, epochs, _ in calls} == {10, 20}
    assert choice.best.epochs == 20 and choice.best.mean == pytest.approx(0.61)


def test_what_the_grid_leaves_open_is_said():
    run, _ = recorded(lambda rate, epochs, seed: epochs + rate)
    choice = choose_schedule(run, [0.1, 0.2], [10, 20])
    assert (choice.best.rate, choice.best.epochs, choice.plateau) == (0.2, 20, False)
    told = ' '.join(choice.warnings([0.1, 0.2]))
    assert '20 epochs, may still gain' in told and '0.2, is at the edge' in told


def test_of_equal_trainings_the_shortest_with_the_lowest_rate_is_chosen():
    run, _ = recorded(lambda rate, epochs, seed: 1.0)
    choice = choose_schedule(run, [0.2, 0.1], [20, 10])
    assert (choice.best.rate, choice.best.epochs) == (0.1, 10)


def test_the_longest_training_may_be_reached_and_is_not_exceeded():
    for longest, lengths in ((40, {10, 20, 40}), (39, {10, 20}), (None, {10})):
        run, calls = recorded(lambda rate, epochs, seed: epochs)
        choose_schedule(run, [0.1], [10], longest=longest)
        assert {epochs for _, epochs, _ in calls} == lengths


def test_the_error_is_that_of_the_mean_over_the_seeds():
    """Rises of 0.25, -0.02 and 0.1: their mean, 0.11, is less than their deviation, 0.135, but more than the
    error of the mean, 0.078.
    """
    rises = (0.25, -0.02, 0.1)
    run, _ = recorded(lambda rate, epochs, seed: 0.5 + (rises[seed] if epochs == 20 else 0.0))
    assert not choose_schedule(run, [0.1], [10, 20], seeds=[0, 1, 2]).plateau


@pytest.mark.parametrize(
    ('rates', 'best', 'told'),
    [([0.1, 0.2, 0.4], 0.1, True), ([0.1, 0.2, 0.4], 0.2, False), ([0.1, 0.2, 0.4], 0.4, True)]
    + [([0.3], 0.3, False)],
)
def test_a_rate_at_either_edge_of_a_grid_is_told(rates, best, told):
    run, _ = recorded(lambda rate, epochs, seed: -abs(rate - best))
    warnings = choose_schedule(run, rates, [10, 20]).warnings(rates)
    assert warnings == ([f'the best rate, {best:g}, is at the edge of the grid'] if told else [])


def test_an_empty_grid_is_refused():
    with pytest.raises(ValueError, match='at least one rate'):
        choose_schedule(lambda *_: 0.0, [], [10])
