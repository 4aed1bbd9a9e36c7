"""Formulas of contrastive learning: the loss, and how vectors lie on the sphere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from causalrec.embedding.pooling import unit_length
from causalrec.embedding.pretraining.held_out import Figure
from causalrec.embedding.vector_table import check_vectors
from causalrec.errors import ShapeError

if TYPE_CHECKING:
    import torch

__all__ = ["alignment", "contrastive_losses", "pooled", "uniformity"]

_BLOCK = 1024


def contrastive_losses(first: torch.Tensor, second: torch.Tensor, temperature: float) -> torch.Tensor:
    """How little each text's two views find each other among the batch (Gao, Yao, Chen 2021, EMNLP).

    -log exp(cos(a_i, b_i) / T) / sum over j of exp(cos(a_i, b_j) / T), shape (n_texts,), from two views of shape
    (n_texts, n_dimensions).

    Examples
    --------
    >>> import torch
    >>> contrastive_losses(torch.eye(2), torch.eye(2), 1.0)
    tensor([0.3133, 0.3133])
    """
    import torch
    from torch.nn.functional import cross_entropy, normalize

    with torch.autocast(first.device.type, enabled=False):  # cosines over .05 need more digits than bf16 has
        cosines = normalize(first.float(), dim=1) @ normalize(second.float(), dim=1).T
        return cross_entropy(cosines / temperature, torch.arange(len(first), device=first.device), reduction="none")


def pooled(hidden: torch.Tensor, mask: torch.Tensor, pooling: str) -> torch.Tensor:
    """One vector a text, float32 (n_texts, n_dimensions), from tokens of which `mask` tells the real ones."""
    if pooling == "cls":
        return hidden[:, 0].float()
    real = mask[:, :, None].float()
    return (hidden.float() * real).sum(dim=1) / real.sum(dim=1)


def alignment(first: np.ndarray, second: np.ndarray) -> Figure:
    """Mean squared distance of pairs that mean the same, on the unit sphere (Wang, Isola 2020, ICML); 0 is best.

    Parameters
    ----------
    first, second : float, shape (n_pairs, n_dimensions)

    Raises
    ------
    ShapeError : not one partner each, or no pairs.
    DataError : NaN or infinite values.

    Examples
    --------
    >>> alignment(np.eye(2), np.eye(2)[::-1]).value
    2.0
    """
    first, second = np.asarray(first), np.asarray(second)
    if first.shape != second.shape or first.ndim != 2 or not len(first):
        raise ShapeError(
            f"Pairs of vectors have one shape, (n_pairs, n_dimensions): not {first.shape}, {second.shape}."
        )
    distances = ((_on_sphere(first) - _on_sphere(second)) ** 2).sum(axis=1)
    return Figure(float(distances.mean()), distances - distances.mean())


def uniformity(vectors: np.ndarray) -> Figure:
    """Log of the mean of exp(-2 d²) over pairs of texts, d on the unit sphere (Wang, Isola 2020, ICML).

    Lower is more evenly spread; 0 is all in one point. The standard error is that of a mean over pairs, which share
    texts: each text counts with twice its own mean.

    Parameters
    ----------
    vectors : float, shape (n_texts, n_dimensions)

    Raises
    ------
    ShapeError : fewer than two texts.
    DataError : NaN or infinite values.

    Examples
    --------
    >>> round(uniformity(np.eye(3)).value, 4)  # squared distances of 2
    -4.0
    """
    vectors = np.asarray(vectors)
    if vectors.ndim != 2 or len(vectors) < 2:
        raise ShapeError(f"Uniformity is about pairs: give two vectors or more, not an array of shape {vectors.shape}.")
    points, n = _on_sphere(vectors), len(vectors)
    own = np.empty(n)
    for start in range(0, n, _BLOCK):
        block = points[start : start + _BLOCK]
        kernel = np.exp(-2 * np.maximum(2 - 2 * block @ points.T, 0))
        own[start : start + len(block)] = (
            kernel.sum(axis=1) - kernel[np.arange(len(block)), start + np.arange(len(block))]
        )
    own /= n - 1
    mean = own.mean()
    return Figure(float(np.log(mean)), 2 * (own - mean) / mean)


def _on_sphere(vectors: np.ndarray) -> np.ndarray:
    return unit_length(check_vectors(vectors).astype(np.float64)).astype(np.float64)
