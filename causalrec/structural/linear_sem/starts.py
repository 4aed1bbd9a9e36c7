"""Where the search starts."""

from __future__ import annotations

import numpy as np

from causalrec.structural.linear_sem.ram import Structure
from causalrec.structural.linear_sem.sample import Sample

__all__ = ["natural_sizes", "starting_values"]

SHARED = 0.5
"""Share of an indicator's variance that its latent variable is first taken to explain."""


def starting_values(shape: Structure, sample: Sample) -> np.ndarray:
    """Values whose implied covariance has an inverse and whose loadings have the signs of the data."""
    variance = dict(zip(sample.names, np.diag(sample.covariance), strict=True))
    markers, size = _markers(shape), _latent_variances(shape, sample)
    found = np.zeros(len(shape.parameters))
    for row, k in zip(shape.rows, shape.index, strict=True):
        if k < 0:
            continue
        found[k] = row.start if row.start is not None else _start(row, sample, variance, markers, size)
    return found


def natural_sizes(shape: Structure, sample: Sample) -> np.ndarray:
    """A size of each parameter that changes with the units of its variables as the parameter does; > 0."""
    spread = np.sqrt([*np.diag(sample.covariance), *_latent_variances(shape, sample).values()])
    found = np.ones(len(shape.parameters))
    for (kind, i, j), k in zip(shape.cells, shape.index, strict=True):
        if k >= 0:
            found[k] = {"A": spread[i] / spread[j], "S": spread[i] * spread[j], "m": spread[i]}[kind]
    return found


def _latent_variances(shape: Structure, sample: Sample) -> dict[str, float]:
    """First guess at the variance of each latent variable: 1 where it is fixed, else a share of its marker's."""
    variance = dict(zip(sample.names, np.diag(sample.covariance), strict=True))
    fixed = {
        row.right for row in shape.rows if row.operator == "~~" and row.left == row.right and row.value is not None
    }
    return {name: 1.0 if name in fixed else SHARED * variance[marker] for name, marker in _markers(shape).items()}


def _markers(shape: Structure) -> dict[str, str]:
    """An observed variable that shows each latent one: its first indicator, or that of its first latent one."""
    latent, found = shape.names[shape.n_observed :], dict[str, str]()
    shown = [(row.left, row.right) for row in shape.rows if row.operator == "=~"]
    shown += [(row.right, row.left) for row in shape.rows if row.operator == "~"]
    for _ in latent:
        for cause, effect in shown:
            if cause in latent and cause not in found and (effect not in latent or effect in found):
                found[cause] = found.get(effect, effect)
    observed = shape.names[0]
    return {name: found.get(name, observed) for name in latent}


def _start(row, sample: Sample, variance: dict, markers: dict, size: dict) -> float:
    place = sample.names.index
    left, right = row.left, row.right
    if row.operator == "~1":
        return float(sample.mean[place(left)]) if sample.mean is not None and left in variance else 0.0
    if row.operator == "~":
        return 0.0
    if row.operator == "=~":
        if right not in variance:
            return 1.0
        marker, spread = place(markers[left]), SHARED * variance[markers[left]]
        # Where the variance is fixed at 1 the loading carries the scale: covariance over its root.
        slope = float(sample.covariance[place(right), marker]) / spread
        return slope * np.sqrt(spread / size[left])
    if left != right:
        return 0.0
    return size[left] if left not in variance else SHARED * variance[left]
