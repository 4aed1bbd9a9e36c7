"""Probabilities that mean what they say: one temperature, and how far off they are."""

from __future__ import annotations

import numpy as np

__all__ = ["calibration_error", "fitted_temperature", "log_loss", "softmax"]

_N_BINS = 15
_RANGE = (np.log(1 / 20), np.log(20))


def softmax(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """Probabilities of the classes, (n_texts, n_classes), rows of sum 1."""
    scaled = logits.astype(np.float64) / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True, initial=-np.inf))
    return powers / powers.sum(axis=1, keepdims=True)


def log_loss(logits: np.ndarray, targets: np.ndarray, temperature: float = 1.0) -> float:
    """Mean negative log probability of the true class, in nats."""
    scaled = logits.astype(np.float64) / temperature
    top = scaled.max(axis=1)
    total = top + np.log(np.exp(scaled - top[:, None]).sum(axis=1))
    return float((total - scaled[np.arange(len(targets)), targets]).mean())


def fitted_temperature(logits: np.ndarray, targets: np.ndarray) -> float:
    """The temperature of least log loss (Guo et al. 2017, ICML), between 1/20 and 20; 1 without rows.

    It divides the logits: above 1 where the network is surer than it is right. The class of largest probability
    stays the same. Each row counts a little for the other classes, as if every class had been seen once more (Platt's
    rule): else a few rows that are all answered rightly would make every answer certain.

    Examples
    --------
    >>> logits = np.tile([2.0, 0.0], (400, 1))  # says 88%, is right in 3 of 4
    >>> round(fitted_temperature(logits, np.repeat([0, 0, 0, 1], 100)), 1)
    1.8
    """
    from scipy.optimize import minimize_scalar

    if not len(targets):
        return 1.0
    found = minimize_scalar(lambda log: _smoothed_loss(logits, targets, np.exp(log)), bounds=_RANGE, method="bounded")
    return float(np.exp(found.x))


def _smoothed_loss(logits: np.ndarray, targets: np.ndarray, temperature: float) -> float:
    n_texts, n_classes = logits.shape
    aside = 1 / (n_texts + n_classes)
    every = [log_loss(logits, np.full(n_texts, target), temperature) for target in range(n_classes)]
    return (1 - n_classes * aside) * log_loss(logits, targets, temperature) + aside * sum(every)


def calibration_error(probabilities: np.ndarray, targets: np.ndarray) -> float:
    """Expected calibration error of the chosen class: mean distance of confidence and accuracy, 15 bins of one width.

    Parameters
    ----------
    probabilities : float, shape (n_texts, n_classes)
    targets : int, shape (n_texts,)

    Examples
    --------
    >>> calibration_error(np.array([[0.75, 0.25]] * 4), np.array([0, 0, 0, 1]))
    0.0
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == targets
    bins = np.minimum((confidence * _N_BINS).astype(int), _N_BINS - 1)
    gap = np.bincount(bins, weights=right - confidence, minlength=_N_BINS)
    return float(np.abs(gap).sum() / len(targets))
