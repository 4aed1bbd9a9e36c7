"""What an error can say where clusters are few: a wild bootstrap, a warning in words, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import EstimationError

if TYPE_CHECKING:
    from causalrec.estimation.uncertainty.cluster_sums import ClusterSums
    from causalrec.estimation.uncertainty.wild_bootstrap import WildTest

__all__ = ["FEW_CLUSTERS", "LEAST_CLUSTERS", "VERY_FEW_CLUSTERS", "cluster_notes", "refuse_two_clusters", "wild_test"]

FEW_CLUSTERS = 40  # below which cluster-robust errors are too small, and a wild bootstrap is better
VERY_FEW_CLUSTERS = 10  # below which no method holds its level on every design
LEAST_CLUSTERS = 3
UNEVEN = 5  # clusters of equal share below which the bootstrap errs too (MacKinnon, Webb 2017, J. Appl. Econometrics)

Sums = Callable[[Design], "ClusterSums"]


def refuse_two_clusters(n_clusters: Mapping[str, int]) -> None:
    """Refuse clusters of which two are left: their scores are one number and its negative.

    Raises
    ------
    EstimationError : which clusters, and what to do.
    """
    few = [f"{count} of {kind!r}" for kind, count in n_clusters.items() if count < LEAST_CLUSTERS]
    if few:
        raise EstimationError(
            f"Errors rest on {' and '.join(few)} clusters, which say nothing of how clusters differ. Find more of "
            f"them, or cluster by a column with more values."
        )


def wild_test(estimator: Any, design: Design) -> WildTest:
    """The wild cluster bootstrap of a fitted linear estimator.

    For an instrument it is the bootstrap of the Anderson-Rubin test, which holds however weak the instrument
    is (Finlay, Magnusson 2019, Journal of Applied Econometrics 34(6)).

    Raises
    ------
    EstimationError : why there is none, in words that go on after "No bootstrap: ".
    """
    from causalrec.estimation.uncertainty.wild_bootstrap import WildTest

    sums = _sums_of(estimator, design)
    if sums is None:
        raise EstimationError("it is for linear estimators")
    if len(design.n_clusters) > 1:
        raise EstimationError("it takes clusters of one kind")
    return WildTest(sums(_one_treatment(design)))


def cluster_notes(n_clusters: Mapping[str, int], dof: float, test: WildTest | None, why_not: str) -> tuple[str, ...]:
    """What to know of an error that few clusters gave; empty where they are many."""
    few = {kind: count for kind, count in n_clusters.items() if count < FEW_CLUSTERS}
    if not few:
        return ()
    listed = " and ".join(f"{count} {kind}" for kind, count in few.items())
    if test is not None:
        first = f"the interval is from the wild cluster bootstrap, {test.n_clusters} clusters, {test.weights} weights"
        said = [first]
        if test.effective_clusters < UNEVEN:
            about = f"about {test.effective_clusters:.1f} of {test.n_clusters} clusters"
            said.append(f"nearly all that varies of the treatment lies in {about}, and the bootstrap may err there")
    else:
        ends = f"the interval is from the t distribution with {dof:g} degrees of freedom and may be too short"
        said = [f"few clusters ({listed}): {ends}" + (f"; no bootstrap: {why_not}" if why_not else "")]
    if min(few.values()) < VERY_FEW_CLUSTERS:
        said.append(f"fewer than {VERY_FEW_CLUSTERS} clusters ({listed}): take the error as a rough guide")
    return tuple(said)


def _sums_of(estimator: Any, design: Design) -> Sums | None:
    """How sums by cluster are had for an estimator; None where it is not linear in the outcome."""
    from causalrec.estimation.instruments.instrumental import LIML, TwoStageLeastSquares
    from causalrec.estimation.linear.absorbed_regression import AbsorbedRegression
    from causalrec.estimation.linear.ols import OLS
    from causalrec.estimation.uncertainty.cluster_sums import absorbed_sums, cluster_sums

    def of_instrument(rows: Design) -> ClusterSums:
        return cluster_sums(rows, instrumented=True)

    # Not their subclasses, whose estimate may be another one.
    table: dict[type, Sums] = {
        OLS: cluster_sums, AbsorbedRegression: absorbed_sums, TwoStageLeastSquares: of_instrument, LIML: of_instrument,
    }  # fmt: skip
    found = table.get(type(estimator))
    if found is of_instrument and (len(design.treatment_names), len(design.instrument_names)) != (1, 1):
        raise EstimationError("with instruments it is of one treatment and one instrument")
    return found


def _one_treatment(design: Design) -> Design:
    """The sum of all effects as the first coefficient: every other treatment less the first one."""
    if len(design.treatment_names) == 1:
        return design
    if design.streamed:
        raise EstimationError("a stream has it for one treatment")
    first, others = design.treatments[:, :1], design.treatments[:, 1:]
    return replace(design, treatments=np.column_stack([first, others - first]))
