import numpy as np
import pytest

from mmactrep.motion.body import BODY, REST_OFFSETS
from mmactrep.motion.characters import (
    CHARACTER_FACTORS,
    character_offsets,
    sample_characters,
    standing_height,
)


def _same(n: int = 1, **changes) -> dict[str, np.ndarray]:
    ones = {name: np.ones(n) for name in CHARACTER_FACTORS} | dict(height=np.full(n, 1.75), child=np.zeros(n))
    return ones | {name: np.full(n, value) for name, value in changes.items()}


def test_a_character_is_the_same_in_any_company():
    alone = sample_characters(np.array([42]), seed=3)
    among = sample_characters(np.array([7, 42, 1000, 42]), seed=3)
    for name in CHARACTER_FACTORS:
        assert alone[name][0] == among[name][1] == among[name][3]
        assert name == 'child' or among[name][0] != among[name][1]
    other = sample_characters(np.array([42]), seed=4)
    assert other['height'][0] != alone['height'][0]


def test_population_is_human():
    factors = sample_characters(np.arange(500))
    offsets = character_offsets(factors)
    adults = factors['child'] == 0
    assert 0.02 < 1 - adults.mean() < 0.2
    heights = standing_height(offsets) * 1.75 / standing_height(REST_OFFSETS)
    np.testing.assert_allclose(heights, factors['height'], rtol=1e-4)
    assert heights[adults].min() > 1.45 and heights.max() < 2.0
    assert heights[adults].std() > 0.05
    assert heights[~adults].max() < 1.5


def test_reference_factors_give_the_reference_body():
    np.testing.assert_allclose(character_offsets(_same())[0], REST_OFFSETS, atol=1e-6)


@pytest.mark.parametrize(
    'factor, longer, same',
    [('arms', 'elbow', 'shoulder'), ('forearm', 'wrist', 'elbow'), ('shin', 'ankle', 'knee')],
)
def test_a_factor_scales_its_bones_alone(factor, longer, same):
    """Up to the common scale that keeps the height."""
    offsets = character_offsets(_same(**{factor: 1.1}))[0]
    ratio = np.linalg.norm(offsets, axis=-1) / np.maximum(np.linalg.norm(REST_OFFSETS, axis=-1), 1e-9)
    common = ratio[BODY.index('chest')]
    for side in ('left', 'right'):
        assert ratio[BODY.index(f'{side}_{longer}')] / common == pytest.approx(1.1, rel=1e-4)
        assert ratio[BODY.index(f'{side}_{same}')] / common == pytest.approx(1.0, rel=1e-4)


def test_sides_are_alike():
    offsets = character_offsets(sample_characters(np.arange(20)))
    for left, right in BODY.side_pairs:
        np.testing.assert_allclose(offsets[:, left] * [-1, 1, 1], offsets[:, right], atol=1e-6)
