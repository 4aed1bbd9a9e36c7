"""How well a graph with free tables describes complete rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from causalrec.structural.bayesian_network.counts import Counts, log_sum
from causalrec.structural.bayesian_network.structure import Structure

__all__ = ["bic", "log_marginal"]


def bic(structure: Structure, counts: Counts) -> float:
    """Log likelihood at its maximum less half a log(n) for each free probability; larger is better.

    References
    ----------
    Schwarz (1978), Ann. Stat. 6(2), 461-464.
    """
    total = 0.0
    for units in counts.cells:
        rows = np.broadcast_to(units.sum(axis=-1, keepdims=True), units.shape)
        total += log_sum(units, np.divide(units, rows, out=np.zeros_like(units), where=rows > 0))
    return total - structure.n_parameters / 2 * float(np.log(counts.n))


def log_marginal(counts: Counts, prior: Sequence[np.ndarray]) -> float:
    """Log probability of the rows, the tables integrated over their Dirichlet prior; larger is better.

    With the pseudo-counts of `prior_kind="bdeu"` this is the BDeu score.

    References
    ----------
    Heckerman, Geiger, Chickering (1995), Mach. Learn. 20, 197-243.
    """
    from scipy.special import gammaln

    total = 0.0
    for units, pseudo in zip(counts.cells, prior, strict=True):
        rows, pseudo_rows = units.sum(axis=-1), pseudo.sum(axis=-1)
        total += float((gammaln(pseudo_rows) - gammaln(pseudo_rows + rows)).sum())
        total += float((gammaln(pseudo + units) - gammaln(pseudo)).sum())
    return total
