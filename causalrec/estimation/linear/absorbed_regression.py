"""Least squares with effects of groups absorbed, in one, two or more ways, on tables of any size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Self

import numpy as np

from causalrec.data.design import Design
from causalrec.data.design_arrays import N_BATCH
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.estimators import InfluenceEstimator
from causalrec.estimation.linear.group_effects import TOLERANCE, GroupEffects, sums_of
from causalrec.estimation.linear.ols import Scores
from causalrec.estimation.moments.design_moments import DesignMoments, design_moments
from causalrec.estimation.moments.normal_equations import least_squares

__all__ = ["AbsorbedRegression"]

NO_VARIATION = 1e-9  # share of a column's variance below which what effects leave is rounding error
N_ROWS = 1 << 20  # of a batch that is added up by group


class AbsorbedRegression(InfluenceEstimator):
    """Least squares of the outcome on treatments and covariates, the effects of groups held fixed.

    Sums by group and how often groups meet are all that the effects need of the rows; they are solved
    for by conjugate gradients (see `GroupEffects`), and two further passes give the coefficients and
    their error, robust (HC1) or clustered. The rows are never copied, so a stream of them will do.
    Assumes an outcome that is linear in treatments and covariates, with one effect for all units.
    Covariates that the effects explain are left out and named in `left_out_`.

    Parameters
    ----------
    tolerance : float
        What the solve leaves of the sums by group, relative to those at the start.

    Attributes
    ----------
    value_ : float64, shape (k,)
    n_steps_ : int
        Steps of the solve; 0 where one way was absorbed.
    left_out_ : tuple of str

    Examples
    --------
    >>> t = np.array([0.0, 1.0, 0.0, 1.0, 1.0, 0.0])
    >>> user = np.array([0, 0, 1, 1, 2, 2])
    >>> rows = Design(2 * t + user + [0.0, 0.1, 0.1, 0.0, 0.0, 0.0], t[:, None], np.empty((6, 0)), (user,), {})
    >>> AbsorbedRegression().fit(rows).value_.round(3)
    array([2.])
    """

    def __init__(self, *, tolerance: float = TOLERANCE):
        self.tolerance = tolerance

    def fit(self, design: Design) -> Self:
        """Estimate from a design, in memory or streamed.

        Raises
        ------
        DataError : a tolerance that is not between 0 and 1.
        EstimationError : a treatment that the effects and the covariates leave no variation, too few rows,
            or no convergence.
        """
        if not 0 < self.tolerance < 1:
            raise DataError(f"tolerance is {self.tolerance!r}; it is a number between 0 and 1.")
        if not design.n_absorbed:
            raise EstimationError("The adjustment set holds no effects of groups fixed; use OLS.")
        sums = _GroupSums(design)
        effects, self.n_steps_ = sums.groups.solve(sums.by_way, sums.variance, self.tolerance)
        left = _Left(design, sums.shift, effects, n_lost_effects(sums))
        found = design_moments(left)  # type: ignore[arg-type]
        left.keep, explained = _varying(found, sums)
        if explained:
            found = design_moments(left)  # type: ignore[arg-type]
        solved = least_squares(left, found)  # type: ignore[arg-type]
        n_parameters = len(solved.coef) + left.n_lost
        if sums.n <= n_parameters:
            raise EstimationError(f"{sums.n} rows cannot carry {n_parameters} coefficients.")
        k = found.n_leading - 1
        scores = Scores(found, solved, "HC1", n_parameters)
        kept = scores.error(left)  # type: ignore[arg-type]
        self.left_out_ = (*explained, *solved.left_out)
        before, names = sums.variance[:k], found.names[:k]
        share = solved.variation * np.diag(found.total.gram)[1 : 1 + k] / before
        diagnostics = {f"variation of {name}": part for name, part in zip(names, share, strict=True)}
        diagnostics |= {"steps of the solve": float(self.n_steps_), "covariates left out": float(len(self.left_out_))}
        diagnostics |= scores.of_rows.diagnostics(names)
        diagnostics |= {"groups of one row": float(sum((counts == 1).sum() for counts in sums.groups.counts))}
        sizes = " + ".join(f"{int((counts > 0).sum()):,}" for counts in sums.groups.counts)
        return self._keep(
            design, value=solved.coef[:k], n_parameters=n_parameters, diagnostics=diagnostics,
            method=f"least squares, {sizes} effects absorbed", **kept,
        )  # fmt: skip


class _GroupSums:
    """Sums of treatments, outcome and covariates by group of each way, and the meetings of groups."""

    def __init__(self, design: Design):
        self.n, ways = 0, range(len(design.n_absorbed))
        self.by_way: list[np.ndarray] = []
        codes: list[list[np.ndarray]] = [[] for _ in ways]
        weights: list[np.ndarray] = []
        squares = total = np.zeros(1)
        self.weight = 0.0
        for batch in design.batches(n_rows=N_ROWS):
            columns = _columns(batch)
            if not self.n:
                self.shift, self.names = columns.mean(axis=0), (*batch.treatment_names, "the outcome")
                self.names += batch.matrix_names
            with np.errstate(invalid="ignore"):  # infinite values are refused by name below
                columns -= self.shift
            weighted = columns if batch.weight is None else columns * batch.weight[:, None]
            squares, total = squares + (columns * weighted).sum(axis=0), total + weighted.sum(axis=0)
            self.weight += batch.n if batch.weight is None else float(batch.weight.sum())
            self.n += batch.n
            parts = [sums_of(weighted, code, None, int(code.max()) + 1) for code in batch.absorbed]
            self.by_way = parts if not self.by_way else [grown(*pair) for pair in zip(self.by_way, parts, strict=True)]
            if design.streamed:
                for way, code in zip(ways, batch.absorbed, strict=True):
                    codes[way].append(code.astype(np.int32))
                weights += [] if batch.weight is None else [batch.weight]
        if not self.n:
            raise EstimationError("The table is empty: there is nothing to estimate from.")
        if not (np.isfinite(self.weight) and self.weight > 0):
            raise EstimationError("Weights must be finite and 0 or more, and one above 0.")
        self.variance = squares - total**2 / self.weight
        if not np.isfinite(self.variance).all():
            lost = [name for name, value in zip(self.names, self.variance, strict=True) if not np.isfinite(value)]
            raise EstimationError(f"Not finite, or too large to square: {', '.join(lost[:10])}.")
        whole = [np.concatenate(part) for part in codes] if design.streamed else list(design.absorbed)
        weight = (np.concatenate(weights) if weights else None) if design.streamed else design.weight
        if weight is not None and not (weight >= 0).all():
            raise EstimationError("Weights must be 0 or more, and at least one is negative or missing.")
        self.groups = GroupEffects.of(whole, weight)
        self.design = design


class _Left:
    """The design with what the effects leave of its columns, batch by batch; it looks like a stream."""

    absorbed = ()

    def __init__(self, design: Design, shift: np.ndarray, effects: list[np.ndarray], n_lost: int):
        n_covariates = len(shift) - len(design.treatment_names) - 1
        self.design, self.shift, self.effects, self.n_lost = design, shift, effects, n_lost
        self.n, self.streamed, self.n_clusters = design.n, design.streamed, design.n_clusters
        self.k, self.keep = len(design.treatment_names), np.arange(n_covariates)

    @property
    def covariate_names(self) -> tuple[int, ...]:
        """As many as are kept; only their number counts."""
        return tuple(self.keep.tolist())

    def batches(self, n_rows: int = N_BATCH) -> Iterator[Design]:
        """Residuals of each batch."""
        for batch in self.design.batches(n_rows=n_rows):
            left = _columns(batch) - self.shift
            for effect, code in zip(self.effects, batch.absorbed, strict=True):
                left -= effect[code]
            names = batch.matrix_names
            yield replace(
                batch, treatments=left[:, : self.k], outcome=left[:, self.k],
                covariates=left[:, self.k + 1 + self.keep],
                covariate_names=tuple(names[at] for at in self.keep), blocks=(), absorbed=(),
            )  # fmt: skip


def n_lost_effects(sums: _GroupSums) -> int:
    """Lost degrees of freedom: effects that are nested in no cluster, and the constant (fixest's convention)."""
    free = [True] * len(sums.groups.counts)
    nests: list[dict[str, np.ndarray]] = [{} for _ in free]
    for batch in sums.design.batches(n_rows=N_ROWS):
        if not batch.clusters:
            break
        for way, code in enumerate(batch.absorbed):
            for name, cluster in batch.clusters.items():
                _check_nested(nests[way], name, code, cluster, len(sums.groups.counts[way]))
    free = [not any(nest is not None for nest in found.values()) for found in nests]
    counts = [int((count > 0).sum()) for count, lost in zip(sums.groups.counts, free, strict=True) if lost]
    return max(1, sum(counts) - max(0, len(counts) - 1))


def _check_nested(found: dict, name: str, code: np.ndarray, cluster: np.ndarray, n_groups: int) -> None:
    """Remember the cluster of each group; None once a group has been in two."""
    known = found.setdefault(name, np.full(n_groups, -1, dtype=np.int64))
    if known is None:
        return
    new = known[code] < 0
    known[code[new]] = cluster[new]
    if (known[code] != cluster).any():
        found[name] = None


def _varying(found: DesignMoments, sums: _GroupSums) -> tuple[np.ndarray, tuple[str, ...]]:
    """Covariates that the effects do not explain, and the names of the others; refuses such treatments."""
    k = found.n_leading - 1
    squares, before = (np.delete(part, k) for part in (np.diag(found.total.gram)[1:], sums.variance))
    lost = ~(squares > NO_VARIATION * np.maximum(before, 1e-300))
    names = [name for at, name in enumerate(sums.names) if at != k]
    if lost[:k].any():
        named = " and ".join(repr(name) for name, bad in zip(names, lost[:k], strict=False) if bad)
        raise EstimationError(
            f"{named} does not vary once the effects of groups are held fixed, so the data say nothing on it. "
            f"Absorb coarser groups."
        )
    return np.flatnonzero(~lost[k:]), tuple(names[k + at] for at in np.flatnonzero(lost[k:]))


def grown(total: np.ndarray, part: np.ndarray) -> np.ndarray:
    """The sum of two arrays of groups, the longer one's length."""
    if len(part) > len(total):
        total, part = part, total
    total[: len(part)] += part
    return total


def _columns(batch: Design) -> np.ndarray:
    """Treatments, outcome and covariates, blocks expanded."""
    return np.column_stack([batch.treatments, batch.outcome, batch.matrix()]).astype(float, copy=False)
