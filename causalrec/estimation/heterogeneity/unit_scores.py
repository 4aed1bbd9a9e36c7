"""Effects of the users and items of a flat table, in memory or streamed, for recommenders."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from causalrec.data import Dataset, Design, EffectScores, StreamedDesign, design
from causalrec.data.design_arrays import N_BATCH
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.heterogeneity.calibration import BestLinearPredictor, best_linear_predictor, p_words
from causalrec.estimation.heterogeneity.final_stage import columns_at, row_weight
from causalrec.estimation.heterogeneity.held_out import held_out
from causalrec.estimation.heterogeneity.learners.learner import EffectLearner
from causalrec.estimation.heterogeneity.learners.modifiers import modifier_places
from causalrec.estimation.heterogeneity.linear_learners import LinearDRLearner
from causalrec.estimation.heterogeneity.pair_means import PairMeans, PairRows, pair_means, streamed_pair_means
from causalrec.estimation.heterogeneity.streamed_calibration import HALVES, calibrated
from causalrec.files import replace_atomically
from causalrec.identification import Estimand

__all__ = ["score_units", "write_scores"]


def score_units(
    estimand: Estimand, data: Dataset, modifiers: Sequence[str], *, learner: EffectLearner | None = None,
    user: str | None = None, item: str | None = None, clusters: Sequence[str] = (), weights: str | None = None,
    missing: str = "refuse", level: float = 0.05, random_state: int = 0,
) -> EffectScores:  # fmt: skip
    """Effect of the treatment for each user and item of a flat table, by what modifies it.

    The learner is first judged on units that it did not see. Where the test of no heterogeneity is not
    rejected at `level`, every row carries the average effect and its error: a constant is not spread out as
    if it were personal, and `reason` says so. Intervals of personal effects hold for tables whose effects
    differ clearly, or where no test decides (`level=1`): after a test that just about rejects they cover too
    seldom, as such tables were picked for large differences.

    Parameters
    ----------
    estimand : Estimand
        By adjustment, of one binary treatment.
    data : Dataset
        A flat table with columns of users and items. One that is larger than memory is streamed; its pairs
        are read into memory in the end, `write_scores` leaves them in a file.
    modifiers : sequence of str
        Nodes of the estimand's adjustment set, or those it is `conditional` on.
    learner : EffectLearner, optional
        One that gives standard errors by unit; `LinearDRLearner` where none is given. A stream takes that one
        or `LinearRLearner`.
    user, item : str, optional
        Columns of the table; those that the dataset has as keys of its users and items where not given.
    clusters : sequence of str
        Columns that errors are clustered by, and folds too.
    weights : str, optional
    missing : str
        What to do where covariates are missing, as in `design`.
    level : float, in [0, 1]
        Of the test; 1 gives every row its own effect whatever the test says, 0 the average.
    random_state : int

    Raises
    ------
    DataError : a log of visits, no modifiers, or a modifier that the estimand does not allow.
    MissingColumnsError : columns that the table lacks.
    EstimationError : no overlap, no variation, or a learner without errors by unit.

    References
    ----------
    Kennedy (2023), Electronic J. Statistics 17(2), for the learner; Wager (2024), arXiv 2405.05534, for the test.
    """
    scoring = _scoring(
        estimand, data, modifiers, learner, (user, item), clusters, weights, missing, level, random_state
    )  # fmt: skip
    if isinstance(scoring.rows, Design):
        return scoring.scores(pair_means(next(scoring.pair_rows())))
    with tempfile.TemporaryDirectory(dir=scoring.rows.relation.temp_directory) as folder:
        return EffectScores.load(scoring.write(Path(folder) / "scores.parquet"))


def write_scores(
    path: str | Path, estimand: Estimand, data: Dataset, modifiers: Sequence[str], *,
    learner: EffectLearner | None = None, user: str | None = None, item: str | None = None,
    clusters: Sequence[str] = (), weights: str | None = None, missing: str = "refuse", level: float = 0.05,
    random_state: int = 0,
) -> Path:  # fmt: skip
    """What `score_units` gives, written to a Parquet file that `EffectScores.load` reads.

    Of a table that is larger than memory neither the rows nor the pairs are ever held: the last pass writes
    the pairs sorted, a part at a time.

    Parameters
    ----------
    path : path
        A file that exists is replaced as a whole.
    estimand, data, modifiers, learner, user, item, clusters, weights, missing, level, random_state
        As in `score_units`.

    Raises
    ------
    OutputError : the folder is missing, read-only or full.
    """
    scoring = _scoring(
        estimand, data, modifiers, learner, (user, item), clusters, weights, missing, level, random_state
    )  # fmt: skip
    return scoring.write(Path(path))


@dataclass(frozen=True, slots=True, eq=False)
class _Scoring:
    """A fitted learner, what was said of it, and the rows whose pairs it is to score."""

    learner: EffectLearner
    rows: Design | StreamedDesign
    data: Dataset
    columns: tuple[str, str]
    constant: bool
    reason: str

    def scores(self, pairs: PairMeans) -> EffectScores:
        """Effects at the pairs' mean modifiers, or the average effect."""
        n, (propensity, base), V = len(pairs.user), pairs.values[:, :2].T, pairs.values[:, 2:]
        if self.constant:
            value, stderr = np.full(n, self.learner.value_[0]), np.full(n, self.learner.stderr_[0])
        else:
            found = self.learner.effects(V)
            value, stderr = found.value, found.stderr
        return EffectScores(
            user=pairs.user, item=pairs.item, value=value, stderr=stderr, propensity=propensity,
            treatment=" and ".join(self.rows.treatment_names), unit=self.data.unit, base=base, reason=self.reason,
        )  # fmt: skip

    def write(self, path: Path) -> Path:
        """All pairs as a Parquet file."""
        import pyarrow.parquet as pq

        if isinstance(self.rows, Design):
            return self.scores(pair_means(next(self.pair_rows()))).save(path)
        parts = (self.scores(part).to_arrow() for part in streamed_pair_means(self.pair_rows(), self.rows.relation))

        def fill(temporary: Path) -> None:
            first = next(parts)
            with pq.ParquetWriter(temporary, first.schema) as writer:
                writer.write_table(first)
                for part in parts:
                    writer.write_table(part)

        return replace_atomically(path, fill)

    def pair_rows(self) -> Iterator[PairRows]:
        """Treatment, base and modifiers of the rows, with their users and items: at once, or in batches."""
        if isinstance(self.rows, Design):
            table = self.data.tables["interactions"]
            users, items = (table[name] for name in self.columns)
            if self.rows.order is not None:
                users, items = users.take(self.rows.order), items.take(self.rows.order)
            yield self._numbers(self.rows, users, items)
            return
        ids = self.rows.relation.batches(self.columns, N_BATCH)
        for batch, table in zip(self.rows.batches(N_BATCH), ids, strict=True):
            yield self._numbers(batch, *(table[name] for name in self.columns))

    def _numbers(self, batch: Design, users, items) -> PairRows:
        learner = self.learner
        V = columns_at(batch, modifier_places(batch, learner.modifiers))
        return PairRows(
            users, items, row_weight(batch), np.column_stack([batch.treatments[:, 0], learner.base(batch), V])
        )


def _scoring(
    estimand: Estimand, data: Dataset, modifiers: Sequence[str], learner: EffectLearner | None,
    given: tuple[str | None, str | None], clusters: Sequence[str], weights: str | None, missing: str, level: float,
    random_state: int,
) -> _Scoring:  # fmt: skip
    modifiers = (modifiers,) if isinstance(modifiers, str) else tuple(modifiers)
    _refuse(estimand, data, modifiers, level)
    columns = (given[0] or data.keys["users"], given[1] or data.keys["items"])
    data.require("interactions", columns)
    added = tuple(node for node in modifiers if node not in estimand.adjustment)
    rows = design(
        replace(estimand, adjustment=(*estimand.adjustment, *added)), data, clusters=clusters, weights=weights,
        missing=missing,
    )  # fmt: skip
    learner = LinearDRLearner(random_state=random_state) if learner is None else learner
    learner = _narrowed(learner, rows, modifiers)
    calibration = _calibration(learner, rows, random_state)
    learner.fit(rows)  # type: ignore[arg-type]
    constant = calibration.p_value > level
    return _Scoring(learner, rows, data, columns, constant, _reason(constant, calibration, modifiers, level))


def _calibration(learner: EffectLearner, rows: Design | StreamedDesign, random_state: int) -> BestLinearPredictor:
    from sklearn.base import clone

    if isinstance(learner, LinearDRLearner) and len(rows.n_clusters) <= 2:
        return calibrated(learner, rows)  # type: ignore[arg-type]
    if not isinstance(rows, Design):
        raise DataError(
            f"The table is larger than memory, and {type(learner).__name__} needs its rows at once; take "
            f"LinearDRLearner or LinearRLearner with two columns of clusters at most, or a part of the table."
        )
    if isinstance(learner, LinearDRLearner):
        learner = clone(learner).set_params(n_folds=HALVES)
    return best_linear_predictor(held_out(learner, rows, random_state=random_state))


def _reason(constant: bool, calibration: BestLinearPredictor, modifiers: Sequence[str], level: float) -> str:
    by, p = ", ".join(modifiers), p_words(calibration.p_value)
    slope = f"slope of held-out effects on predictions {calibration.slope:+.2f} ± {calibration.slope_stderr:.2f}"
    if constant:
        return (
            f"constant: effects that differ by {by} were not found on held-out units ({p}, more than {level:g}), so "
            f"every row has the average effect and its error"
        )
    if level == 1:
        return f"personal: each row has its own effect by {by}, as no test was to decide ({p}; {slope})"
    return f"personal: effects differ by {by} on held-out units ({p}; {slope})"


def _refuse(estimand: Estimand, data: Dataset, modifiers: Sequence[str], level: float) -> None:
    if data.is_grid:
        raise DataError("A log of visits has scores of its own; this one is of a flat table, one row a unit.")
    if not modifiers:
        raise DataError("Name the modifiers, the nodes by which the effect may differ.")
    if not 0 <= level <= 1:
        raise DataError(f"level is {level!r}; it is between 0 and 1.")
    allowed = {*estimand.adjustment, *estimand.conditional, *estimand.selected}
    if wrong := [name for name in modifiers if name not in allowed]:
        raise DataError(
            f"{', '.join(map(repr, wrong))} is in no set within which the effect is identified. Identify it with "
            f"conditional={wrong!r}; the graph says whether that is allowed."
        )


def _narrowed(learner: EffectLearner, rows: Design | StreamedDesign, modifiers: Sequence[str]) -> EffectLearner:
    """A copy of the learner that looks at these modifiers alone."""
    from sklearn.base import clone

    if not isinstance(learner, EffectLearner):
        raise EstimationError(f"{type(learner).__name__} is no learner of effects by unit; take LinearDRLearner.")
    own = clone(learner)
    if "modifiers" in own.get_params(deep=False):
        return own.set_params(modifiers=tuple(modifiers))
    if len(modifier_places(rows, modifiers)) < len(rows.matrix_names):  # type: ignore[arg-type]
        raise EstimationError(
            f"{type(learner).__name__} predicts by all covariates, and {', '.join(modifiers)} are not all of them; "
            f"take DRLearner or RLearner."
        )
    return own
