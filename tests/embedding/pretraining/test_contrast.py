"""The contrastive loss, alignment and uniformity against their formulas written out."""

import math

import numpy as np
import pytest
import torch

from causalrec.embedding.pretraining import alignment, uniformity
from causalrec.embedding.pretraining.contrast import contrastive_losses, pooled
from causalrec.errors import DataError, ShapeError
from tests.estimation.planted import exact_interval

N_RUNS = 400


def cosine(a, b):
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


def test_the_loss_is_the_formula_written_out():
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(2, 7, 5))
    found = contrastive_losses(torch.from_numpy(first), torch.from_numpy(second), 0.05)
    for i in range(7):
        powers = [math.exp(cosine(first[i], second[j]) / 0.05) for j in range(7)]
        assert float(found[i]) == pytest.approx(-math.log(powers[i] / sum(powers)), rel=1e-4, abs=1e-5)


def test_gradient_flows_through_both_views_and_descends():
    torch.manual_seed(0)
    first, second = torch.randn(6, 4, requires_grad=True), torch.randn(6, 4, requires_grad=True)
    before = contrastive_losses(first, second, 0.05).mean()
    before.backward()
    assert (first.grad.norm(dim=1) > 0).all()
    assert (second.grad.norm(dim=1) > 0).all()
    after = contrastive_losses(first - 0.05 * first.grad, second - 0.05 * second.grad, 0.05).mean()
    assert after < before


def test_bf16_around_it_costs_no_digits():
    torch.manual_seed(0)
    views = torch.randn(2, 16, 8)
    plain = contrastive_losses(*views, 0.05)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(contrastive_losses(*views, 0.05), plain)


def test_pooling_leaves_padding_out():
    torch.manual_seed(0)
    hidden, mask = torch.randn(2, 4, 3), torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0]])
    found = pooled(hidden, mask, "mean")
    assert torch.allclose(found, torch.stack([hidden[0].mean(dim=0), hidden[1, :2].mean(dim=0)]))
    assert torch.equal(pooled(hidden, mask, "cls"), hidden[:, 0])


def test_alignment_and_uniformity_are_their_formulas():
    rng = np.random.default_rng(1)
    first, second = rng.normal(size=(2, 40, 6))
    sphere = [x / np.linalg.norm(x, axis=1, keepdims=True) for x in (first, second)]
    distances = ((sphere[0] - sphere[1]) ** 2).sum(axis=1)
    assert alignment(first, second).value == pytest.approx(distances.mean(), rel=1e-6)
    pairs = [np.exp(-2 * ((sphere[0][i] - sphere[0][j]) ** 2).sum()) for i in range(40) for j in range(i)]
    assert uniformity(first).value == pytest.approx(np.log(np.mean(pairs)), rel=1e-6)


def test_blocks_change_nothing(monkeypatch):
    points = np.random.default_rng(2).normal(size=(50, 6))
    whole = uniformity(points)
    monkeypatch.setattr("causalrec.embedding.pretraining.contrast._BLOCK", 7)
    assert uniformity(points).value == pytest.approx(whole.value, rel=1e-12)


def test_uniformity_covers():
    """Angles uniform on half a circle: the gap of two has density 2 (1 - gap / pi) / pi, and d² = 2 - 2 cos(gap).

    On a whole circle every point has the same mean kernel, and the first-order error would be nothing.
    """
    gap = (np.arange(20_000) + 0.5) / 20_000 * np.pi
    truth = np.log(np.mean(np.exp(4 * np.cos(gap) - 4) * 2 * (1 - gap / np.pi)))
    rng, held = np.random.default_rng(3), 0
    for _ in range(N_RUNS):
        angles = rng.uniform(0, np.pi, 100)
        found = uniformity(np.c_[np.cos(angles), np.sin(angles)])
        held += abs(found.value - truth) < 1.959964 * found.stderr
    low, high = exact_interval(held, N_RUNS)
    assert low <= 0.95 <= high


def test_shapes_are_checked():
    with pytest.raises(ShapeError, match="two vectors or more"):
        uniformity(np.ones((1, 3)))
    with pytest.raises(ShapeError, match="Pairs of vectors"):
        alignment(np.ones((2, 3)), np.ones((3, 3)))
    with pytest.raises(ShapeError, match="Pairs of vectors"):
        alignment(np.ones((0, 3)), np.ones((0, 3)))


def test_lists_of_numbers_are_vectors_too_and_nan_is_none():
    assert alignment([[1.0, 0.0]], [[0.0, 1.0]]).value == 2.0
    assert uniformity([[1, 0], [0, 1]]).value == pytest.approx(-4)
    for broken in ([[np.nan, 0.0], [1.0, 0.0]], [[np.inf, 0.0], [1.0, 0.0]]):
        with pytest.raises(DataError, match="1 vectors hold NaN or infinite"):
            uniformity(broken)
        with pytest.raises(DataError, match="1 vectors hold NaN or infinite"):
            alignment(np.ones((2, 2)), broken)
