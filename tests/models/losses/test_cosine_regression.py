"""BYOL's loss written out as squared distances of unit vectors."""

from __future__ import annotations

import pytest
import torch

from mmactrep.models.losses import CosineRegression


def distances(predictions, targets):
    """‖q̄_i - z̄_j‖² of every row and of all pairs i != j."""
    found = []
    for q_row, z_row in zip(predictions, targets):
        for i, q in enumerate(q_row):
            for j, z in enumerate(z_row):
                if i != j:
                    found.append(float((q / q.norm() - z / z.norm()).pow(2).sum()))
    return found


@pytest.mark.parametrize(('predicted', 'views'), [(2, 2), (5, 5), (1, 5), (1, 2)])
def test_the_mean_over_ordered_pairs_of_views(predicted, views):
    predictions, targets = torch.randn(3, predicted, 6), 4 * torch.randn(3, views, 6)
    expected = distances(predictions, targets)
    # the query alone predicts P views, in the symmetric form every view predicts all others
    assert len(expected) == 3 * predicted * (views - 1)
    loss = CosineRegression()(predictions, targets)
    assert float(loss) == pytest.approx(sum(expected) / len(expected), rel=1e-5)
    colder = CosineRegression(temperature=0.1)(predictions, targets)
    assert float(colder) == pytest.approx(5 * float(loss), rel=1e-5)


def test_between_0_and_4_and_float32():
    z = torch.randn(2, 1, 4).expand(-1, 3, -1)
    assert float(CosineRegression()(z, z)) == pytest.approx(0, abs=1e-6)
    assert float(CosineRegression()(-z, z)) == pytest.approx(4)
    with torch.autocast('cpu', torch.bfloat16):
        assert CosineRegression()(z.bfloat16(), z).dtype == torch.float32


def test_what_does_not_fit():
    with pytest.raises(ValueError, match='temperature must be positive'):
        CosineRegression(temperature=0)
    z = torch.randn(2, 3, 4)
    for predictions, targets in ((z[:, :1], z[:, :1]), (z, z[:, :2])):
        with pytest.raises(ValueError, match='as many views as there are targets'):
            CosineRegression()(predictions, targets)
