"""Cross-fitted doubly robust effect of a binary treatment, with linear or logistic nuisances, from moments."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.doubly_robust.aipw import clip_bounds
from causalrec.estimation.doubly_robust.overlap import MAX_CLIPPED, refuse_no_overlap
from causalrec.estimation.doubly_robust.scores import ate_score, att_score
from causalrec.estimation.doubly_robust.two_arms import two_arms
from causalrec.estimation.estimators import InfluenceEstimator
from causalrec.estimation.linear.ols import refuse_absorbed
from causalrec.estimation.moments.design_moments import pieces
from causalrec.estimation.moments.folded import Folded, folded_nuisances, refuse_options
from causalrec.estimation.moments.score_sums import influence_error

__all__ = ["InteractiveDML"]

TARGETS = ("ATE", "ATT")


class InteractiveDML(InfluenceEstimator):
    """Augmented inverse propensity weighting, cross-fitted (Robins, Rotnitzky, Zhao 1994, JASA 89(427)).

    The outcome is predicted for each arm on its own and the propensity by logistic regression, both on
    the other folds (Chernozhukov et al. 2018, Econometrics J. 21(1)). The effect may differ between units.
    Assumes no other confounder than the covariates and that every unit could have had either treatment;
    consistent where either the outcome's or the propensity's model is right.

    Parameters
    ----------
    outcome : str
        "linear", ridge, or "logistic" for an outcome of 0 and 1.
    n_folds : int
        2 or more; folds keep clusters whole.
    target : str
        "ATE" of all, or "ATT" of the treated.
    clip : float
        Propensities are kept this far from 0 and 1 for the ATE, and from 1 for the ATT, which asks for nothing at 0.
        The share of those is in `diagnostics_`.
    l2 : float or None
        Penalty on columns of unit variance: `Ridge(alpha=l2)` and `LogisticRegression(C=1 / l2)`. None: chosen for
        each model on its training rows by generalised cross-validation, as hundreds of columns of text need it.
    random_state : int
        Seed of the folds.

    Attributes
    ----------
    value_ : float64, shape (1,)
    """

    def __init__(
        self, outcome: str = "linear", *, n_folds: int = 5, target: str = "ATE", clip: float = 0.01,
        l2: float | None = 1.0, random_state: int = 0,
    ):  # fmt: skip
        self.outcome = outcome
        self.n_folds = n_folds
        self.target = target
        self.clip = clip
        self.l2 = l2
        self.random_state = random_state

    def fit(self, design: Design) -> Self:
        """Estimate from a design, in memory or streamed.

        One pass gives the moments, one a Newton step of the logistic regressions, one the effect, one its error;
        blocks are never expanded.

        Raises
        ------
        DataError : an unknown option, a treatment (or a logistic outcome) other than 0 and 1.
        EstimationError : one arm is missing outside a fold, or more than a fifth of the units (for the ATT: of the
            treated) have nobody to be compared with.
        """
        self._check(design)
        nuisances = folded_nuisances(
            design, self.n_folds, self.random_state, self.l2, logistic=self.outcome == "logistic"
        )
        sums = self._sums(design, nuisances)
        self._require_overlap(design, nuisances, sums)
        share = 1.0 if self.target == "ATE" else sums["treated"]
        value = sums["score"] / share
        scale = design.n / sums["weight"] / share

        def influence(batch: Design) -> np.ndarray:
            score, t, _ = self._scored(batch, nuisances)
            weight = scale if batch.weight is None else scale * batch.weight
            return (weight * (score - value * (1.0 if self.target == "ATE" else t)))[:, None]

        return self._keep(
            design, value=np.array([value]), n_parameters=1, target=self.target,
            diagnostics={
                "share of propensities clipped": sums["clipped"], "smallest propensity": sums["smallest"],
                "largest propensity": sums["largest"], "share treated": sums["treated"],
            },
            method=f"augmented inverse propensity weighting, {self.outcome} outcome, {self.n_folds} folds",
            **influence_error(design, influence, 1, 1),
        )  # fmt: skip

    def _scored(self, batch: Design, nuisances: Folded) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Score, treatment and propensity of each row, arrays (m,)."""
        mu0, mu1, e = nuisances.own(batch)
        t, kept = batch.treatments[:, 0], np.clip(e, *clip_bounds(self.clip, self.target))
        if self.target == "ATE":
            return ate_score(batch.outcome, t, mu0, mu1, kept), t, e
        return att_score(batch.outcome, t, mu0, kept), t, e

    def _sums(self, design: Design, nuisances: Folded) -> dict[str, Any]:
        """What a pass over the rows adds up: shares and means, by weight."""
        low, high = clip_bounds(self.clip, self.target)
        total, weight, smallest, largest = np.zeros(5), 0.0, 1.0, 0.0
        for batch in pieces(design):
            score, t, e = self._scored(batch, nuisances)
            asked, out = (t if self.target == "ATT" else np.ones(batch.n)), (e < low) | (e > high)
            columns = np.column_stack([t, score, out, asked, asked * out])
            total += columns.sum(axis=0) if batch.weight is None else batch.weight @ columns
            weight += batch.n if batch.weight is None else float(batch.weight.sum())
            smallest, largest = min(smallest, float(e.min())), max(largest, float(e.max()))
        treated, score, clipped, asked, lost = total / weight
        return {
            "weight": weight, "treated": treated, "score": score, "clipped": clipped, "without overlap": lost / asked,
            "smallest": smallest, "largest": largest,
        }  # fmt: skip

    def _require_overlap(self, design: Design, nuisances: Folded, sums: dict[str, Any]) -> None:
        share = sums["without overlap"]
        if share <= MAX_CLIPPED:
            return
        if not design.streamed:  # rows in memory tell for whom
            e = np.concatenate([self._scored(batch, nuisances)[2] for batch in pieces(design)])
            refuse_no_overlap(two_arms(design, type(self).__name__), e, self.clip, self.target)
        who, below = ("treated units", "") if self.target == "ATT" else ("units", f"below {self.clip:g} or ")
        raise EstimationError(
            f"{share:.0%} of the {who} have a chance of {design.treatment_names[0]!r} {below}above {1 - self.clip:g} "
            f"and nobody to be compared with, so the data carry no {self.target}. Adjust for less, or load a part of "
            f"the table and ask for the ATO."
        )

    def _check(self, design: Design) -> None:
        refuse_absorbed(design, type(self).__name__)
        if self.target not in TARGETS:
            raise DataError(f"target is {self.target!r}; it is one of {', '.join(TARGETS)}.")
        if len(names := design.treatment_names) > 1:
            raise DataError(f"InteractiveDML takes one treatment, not {' and '.join(names)}; use PartiallyLinearDML.")
        if not design.streamed:
            two_arms(design, type(self).__name__)
        refuse_options(design, self.outcome, self.clip, self.l2)
