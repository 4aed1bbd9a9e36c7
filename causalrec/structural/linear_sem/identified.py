"""Whether the moments determine the parameters, before anything is searched for."""

from __future__ import annotations

import numpy as np

from causalrec.structural.linear_sem.optimum import refuse_unidentified
from causalrec.structural.linear_sem.ram import Structure, matrices, moments, slopes
from causalrec.structural.linear_sem.restrictions import Restriction
from causalrec.structural.linear_sem.sample import Sample
from causalrec.structural.linear_sem.starts import natural_sizes

__all__ = ["refuse_generically_unidentified"]


def refuse_generically_unidentified(shape: Structure, sample: Sample, theta: np.ndarray, limits: Restriction) -> None:
    """Refuse a model whose moments do not determine its parameters, whatever the data.

    The rank of the moments' slopes is the same almost everywhere, so one point off the starting values `theta`, where
    zeros could hide a slope, tells it.

    Raises
    ------
    EstimationError : names the parameters that can move together.
    """
    if not limits.n_free:
        return
    rng = np.random.default_rng(0)
    scale, unit = np.sqrt(np.diag(sample.covariance)), natural_sizes(shape, sample)
    moved = limits.nearest(theta + 0.3 * unit * rng.uniform(0.5, 1.5, size=len(theta)))
    of_covariance, of_mean = slopes(shape, moments(matrices(shape, moved)))
    parts = of_covariance / np.outer(scale, scale), of_mean / scale
    rows = np.hstack([part.reshape(len(theta), -1) for part in parts])
    refuse_unidentified(rows @ rows.T, limits, unit, shape.parameters)
