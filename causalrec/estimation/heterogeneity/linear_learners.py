"""DR and R learners whose parts are all linear: effects by unit of a table of any size, with errors from sums."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import EstimationError
from causalrec.estimation.doubly_robust.scores import ate_score
from causalrec.estimation.heterogeneity.final_stage import (
    FinalSums,
    Regressed,
    columns_at,
    final_errors,
    modifier_means,
    row_weight,
    solved,
)
from causalrec.estimation.heterogeneity.learners.learner import MAX_CLIPPED, EffectLearner
from causalrec.estimation.heterogeneity.learners.linear_final import LinearFinal
from causalrec.estimation.heterogeneity.learners.modifiers import modifier_places
from causalrec.estimation.linear.ols import refuse_absorbed
from causalrec.estimation.moments.design_moments import pieces
from causalrec.estimation.moments.folded import folded_nuisances, refuse_options

__all__ = ["LinearDRLearner", "LinearRLearner"]


class LinearDRLearner(EffectLearner):
    """`DRLearner` with ridge and logistic nuisances and a linear final stage, in passes over batches.

    The numbers are those of `DRLearner` with `Ridge(alpha=l2)` and `LogisticRegression(C=1 / l2)` on columns
    of unit variance, but no row is held: one pass gives the moments, one each Newton step of the
    propensities, one the final stage and one its error, clustered by two columns at most on a stream.
    Assumes no other confounder than the covariates and that every unit could have had either treatment;
    effects are the best linear predictor where they are not linear in the modifiers. Consistent where the
    outcome's model or the propensity's is right.

    Parameters
    ----------
    outcome : str
        Model of the outcome in each arm: "linear", or "logistic" for an outcome of 0 and 1.
    modifiers : sequence of str, optional
        Covariates that the effect may differ by; all of them where none is named.
    n_folds : int
        2 or more; folds keep clusters whole.
    l2 : float
        0 or more.
    clip : float, in (0, 0.5)
        Bound of the propensities.
    random_state : int

    References
    ----------
    Kennedy (2023), Electronic J. Statistics 17(2).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x, t = rng.normal(size=(2000, 1)), rng.integers(0, 2, 2000).astype(float)
    >>> rows = Design(t * (1 + x[:, 0]) + rng.normal(size=2000), t[:, None], x, (), {})
    >>> found = LinearDRLearner().fit(rows).effects(np.array([[0.0], [1.0]]))
    >>> found.value.round(0).tolist(), bool(found.stderr.max() < 0.1)
    ([1.0, 2.0], True)
    """

    words = "DR-learner"

    def __init__(
        self, outcome: str = "linear", *, modifiers: Sequence[str] | None = None, n_folds: int = 5, l2: float = 1.0,
        clip: float = 0.01, random_state: int = 0,
    ):  # fmt: skip
        self.outcome = outcome
        self.modifiers = modifiers
        self.n_folds = n_folds
        self.l2 = l2
        self.clip = clip
        self.random_state = random_state

    def fit(self, design: Design) -> Self:
        """Learn effects from a design with one binary treatment, in memory or streamed.

        Raises
        ------
        DataError : an unknown option, or another treatment than one of 0 and 1.
        EstimationError : an arm that is missing outside a fold, no overlap, or collinear modifiers.
        """
        self._check(design)
        kinds = self.kinds(design)
        self.folded_ = folded_nuisances(
            design, self.n_folds, self.random_state, self.l2, kinds=kinds, logistic=self.outcome == "logistic"
        )
        places = modifier_places(design, self.modifiers)
        self.n_modifiers_ = len(places)
        centre = modifier_means(self.folded_.found, places)
        sums = FinalSums.of(design, lambda batch: self.regressed(batch, self.folded_.own(batch), centre))
        self._refuse_no_overlap(sums.clipped / design.n)
        b = solved(sums.gram, sums.moment, [design.matrix_names[at] for at in places], design.n)
        value = float(b[0]) if np.isnan(sums.score) else sums.score / sums.weight
        inverse = np.linalg.inv(sums.gram) * design.n

        def influence(batch: Design) -> np.ndarray:
            part = self.regressed(batch, self.folded_.own(batch), centre)
            final = (part.x * (part.weight * (part.y - part.x @ b))[:, None]) @ inverse
            scale = part.weight * (design.n / sums.weight)
            if part.score is not None:
                return np.column_stack([scale * (part.score - value), final])
            # The effect at the mean modifiers, whose own error counts too.
            return np.column_stack([final[:, 0] + scale * (part.modifiers @ b[1:]), final])

        self.draws_: list[Any] = []
        n_parameters = 1 if np.isfinite(sums.score) else len(b)
        kept, cov, final = final_errors(design, influence, n_parameters, len(b))
        turn = np.eye(len(b))  # to the coefficients of modifiers as they are
        turn[0, 1:] = -centre
        self.final_ = LinearFinal(turn @ b, turn @ cov @ turn.T, final @ turn.T)
        about = "effect by unit averaged" if np.isnan(sums.score) else "doubly robust score averaged"
        return self._keep(
            design, value=np.array([value]), n_parameters=n_parameters,
            method=f"{about}, {self.words}, all parts linear, {self.n_folds} folds",
            diagnostics=sums.diagnostics(design.n) if np.isfinite(sums.score) else {}, **kept,
        )  # fmt: skip

    def base(self, batch: Design) -> np.ndarray:
        """Mean outcome without the treatment, over the folds' models; float64, shape (m,)."""
        return next(self.folded_.mean(batch))

    def scores(self, rows: Design) -> np.ndarray:
        """Doubly robust score of units that the learner did not see, over the folds' models; float64, shape (m,)."""
        mu0, mu1, e, *_ = self.folded_.mean(rows)
        return ate_score(rows.outcome, rows.treatments[:, 0], mu0, mu1, np.clip(e, self.clip, 1 - self.clip))

    def kinds(self, design: Design) -> str:
        """Nuisances that the learner needs, as `nuisance_targets` names them."""
        return "01e"

    def regressed(self, batch: Design, nuisances: Iterable[np.ndarray], centre: np.ndarray) -> Regressed:
        """What the final stage regresses on what, for rows whose nuisances come from other rows."""
        mu0, mu1, raw = nuisances
        e = np.clip(raw, self.clip, 1 - self.clip)
        score = ate_score(batch.outcome, batch.treatments[:, 0], mu0, mu1, e)
        V = columns_at(batch, modifier_places(batch, self.modifiers)) - centre
        return Regressed(np.column_stack([np.ones(batch.n), V]), score, score, raw != e, raw, row_weight(batch), V)

    def _check(self, design: Design) -> None:
        refuse_absorbed(design, type(self).__name__)
        refuse_options(design, self.outcome, self.clip, self.l2)

    def _refuse_no_overlap(self, share: float) -> None:
        if share > MAX_CLIPPED:
            raise EstimationError(
                f"No overlap: for {share:.0%} of the units the chance of treatment is below {self.clip:g} or above "
                f"{1 - self.clip:g} given the covariates. Ask for the effect where both groups occur (ATO), or of "
                f"fewer units."
            )

    def _predict(self, final: LinearFinal, V: np.ndarray) -> np.ndarray:
        return final.values(V)[0]


class LinearRLearner(LinearDRLearner):
    """`RLearner` with ridge and logistic nuisances and a linear final stage, in passes over batches.

    Takes a treatment of amounts too, whose model is then ridge: the effect is that of one more, and its
    average assumes that the effect is linear in the modifiers.

    Parameters
    ----------
    outcome, modifiers, n_folds, l2, clip, random_state
        As in `LinearDRLearner`.

    References
    ----------
    Nie, Wager (2021), Biometrika 108(2).
    """

    words = "R-learner"

    def base(self, batch: Design) -> np.ndarray:
        """Mean outcome without the treatment, over the folds' models; float64, shape (m,).

        Raises
        ------
        EstimationError : a treatment of amounts.
        """
        if self.folded_.n_kinds < 4:
            raise EstimationError("A treatment of amounts has no outcome without it here; take a binary one.")
        return super().base(batch)

    def kinds(self, design: Design) -> str:
        """As in `LinearDRLearner`; a treatment of amounts has no arms."""
        binary = all(np.isin(batch.treatments[:, 0], (0.0, 1.0)).all() for batch in pieces(design))
        return "01em" if binary else "tm"

    def regressed(self, batch: Design, nuisances: Iterable[np.ndarray], centre: np.ndarray) -> Regressed:
        """As in `LinearDRLearner`, residual on residual."""
        *arms, raw, m = nuisances
        t, V = batch.treatments[:, 0], columns_at(batch, modifier_places(batch, self.modifiers)) - centre
        e = np.clip(raw, self.clip, 1 - self.clip) if arms else raw
        score = ate_score(batch.outcome, t, arms[0], arms[1], e) if arms else None
        x = np.column_stack([np.ones(batch.n), V]) * (t - e)[:, None]
        return Regressed(x, batch.outcome - m, score, raw != e, raw, row_weight(batch), V)
