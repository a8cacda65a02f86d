from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch

from mmactrep.models.layers.orthogonal_dictionary import (
    LinearActionDecomposition,
    MotionCode,
    OrthogonalDictionary,
    compose_codes,
    orthonormal_basis,
)


def gram_schmidt(matrix: np.ndarray) -> np.ndarray:
    """The textbook's algorithm on columns."""
    columns: list[np.ndarray] = []
    for column in matrix.T:
        rest = column - sum((column @ done) * done for done in columns)
        columns.append(rest / np.linalg.norm(rest))
    return np.stack(columns, axis=1)


def test_basis_is_that_of_gram_schmidt(rng):
    matrix = rng.normal(size=(12, 12))
    basis = orthonormal_basis(torch.from_numpy(matrix)).numpy()
    np.testing.assert_allclose(basis, gram_schmidt(matrix), atol=1e-10)


def test_basis_does_not_jump_when_the_matrix_moves(rng):
    generator = rng.normal(size=(8, 8))
    generator = torch.from_numpy(generator - generator.T)
    path = [torch.matrix_exp(0.005 * k * generator) for k in range(100)]

    def largest_step(bases):
        return max((b - a).abs().max() for a, b in pairwise(bases))

    assert largest_step([torch.linalg.qr(matrix)[0] for matrix in path]) > 1  # QR alone flips directions
    assert largest_step([orthonormal_basis(matrix) for matrix in path]) < 0.05


def test_dictionary_of_the_thesis_is_orthonormal_to_1e_5_also_far_from_its_start(rng):
    dictionary = OrthogonalDictionary(160)
    with torch.no_grad():
        for scale in (0.0, 1.0, 30.0):
            dictionary.weight.add_(scale * torch.from_numpy(rng.normal(size=(160, 160))).float())
            basis = dictionary()
            assert (basis.T @ basis - torch.eye(160)).abs().max() < 1e-5


def test_dictionary_starts_as_its_parameter_and_gradients_reach_it():
    dictionary = OrthogonalDictionary(6)
    torch.testing.assert_close(dictionary(), dictionary.weight)
    weight = dictionary.weight.detach().double().requires_grad_()
    assert torch.autograd.gradcheck(orthonormal_basis, weight)


def test_dictionary_stays_orthonormal_under_autocast():
    lad = LinearActionDecomposition(16, 12)
    latent = torch.randn(2, 16, 5)
    code = lad.decompose(latent)
    with torch.autocast('cpu', torch.bfloat16):
        torch.testing.assert_close(lad.decompose(latent), code)
        torch.testing.assert_close(lad.recompose(code), lad.recompose(code))
        assert lad.recompose(code).dtype == torch.float32


def test_magnitudes_are_projections_as_in_the_thesis(rng):
    lad = LinearActionDecomposition(6, 4)
    with torch.no_grad():
        lad.dictionary.weight.copy_(torch.from_numpy(rng.normal(size=(6, 6))))
    latent = torch.from_numpy(rng.normal(size=(2, 6, 3))).float()
    code = lad.decompose(latent)
    directions = gram_schmidt(lad.dictionary.weight.detach().numpy().astype(np.float64)).T
    for n in range(2):
        for i, direction in enumerate(directions):
            for t in range(3):
                r = latent[n, :, t] if i < 4 else latent[n].mean(dim=1)
                magnitude = r.numpy() @ direction / (direction @ direction)  # Eq. 4.3
                found = code.motion[n, i, t] if i < 4 else code.static[n, i - 4]
                assert found.item() == pytest.approx(magnitude, abs=1e-5)
            r_m = sum(code.motion[n, i, t].item() * directions[i] for i in range(4))  # Eq. 4.2
            r_c = sum(code.static[n, i].item() * directions[4 + i] for i in range(2))
            np.testing.assert_allclose(lad.recompose(code)[n, :, t].detach().numpy(), r_m + r_c, atol=1e-5)


def test_changing_static_magnitudes_leaves_the_motion_of_the_latent_alone():
    lad = LinearActionDecomposition(10, 7)
    code = lad.decompose(torch.randn(3, 10, 4))
    changed = lad.decompose(lad.recompose(MotionCode(code.motion, code.static.flip(0) * 5)))
    torch.testing.assert_close(changed.motion, code.motion, atol=1e-5, rtol=0)
    torch.testing.assert_close(changed.static, code.static.flip(0) * 5, atol=1e-5, rtol=0)


def test_composition_is_the_mean_of_the_motions_with_one_static():
    first = MotionCode(torch.tensor([[[1.0, 3.0, 5.0]]]), torch.tensor([[7.0]]))
    other = MotionCode(torch.tensor([[[2.0, 5.0]]]), torch.tensor([[9.0]]))
    composed = compose_codes([first, other])
    assert composed.motion.tolist() == [[[1.5, 4.0]]] and composed.static.tolist() == [[7.0]]
    composed = compose_codes([first, other], static=other.static, weights=(1, -2))
    assert composed.motion.tolist() == [[[-3.0, -7.0]]] and composed.static.tolist() == [[9.0]]


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match=r'num_motion must be in \[1, 160\), found 160'):
        LinearActionDecomposition(160, 160)
    lad = LinearActionDecomposition(10, 7)
    with pytest.raises(ValueError, match=r'expected \(N, 10, T\), found a tensor of \(2, 9, 4\)'):
        lad.decompose(torch.zeros(2, 9, 4))
    with pytest.raises(ValueError, match=r'found \(2, 7, 4\) and \(1, 3\)'):
        lad.recompose(MotionCode(torch.zeros(2, 7, 4), torch.zeros(1, 3)))
    with pytest.raises(ValueError, match='found none'):
        compose_codes([])
    with pytest.raises(ValueError, match='1 motions, but 2 weights'):
        compose_codes([MotionCode(torch.zeros(1, 7, 4), torch.zeros(1, 3))], weights=(1, 2))


def test_without_orthonormalization_the_directions_are_the_matrix(rng):
    """ "w/o orthogonalization" of Table 5.1: orthonormal at the start alone."""
    dictionary = OrthogonalDictionary(12, 4, orthonormalize=False)
    basis = dictionary()
    torch.testing.assert_close(basis.T @ basis, torch.eye(4))
    with torch.no_grad():
        dictionary.weight.add_(torch.from_numpy(rng.normal(size=(12, 4))).float())
    assert torch.equal(dictionary(), dictionary.weight)
    assert (dictionary().T @ dictionary() - torch.eye(4)).abs().max() > 0.1
