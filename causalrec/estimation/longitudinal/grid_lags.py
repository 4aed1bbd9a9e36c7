"""Effects of earlier treatments of the same item and place, on a log of visits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from causalrec.data import Dataset, Grid, grid
from causalrec.data.ids import sorted_levels
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.grids.grid_effect import grid_plan
from causalrec.estimation.grids.grid_regression import grid_regression
from causalrec.estimation.longitudinal.almon import lag_basis
from causalrec.estimation.longitudinal.lag_effects import LagEffects
from causalrec.estimation.uncertainty.few_clusters import cluster_notes, refuse_two_clusters
from causalrec.identification import Estimand

__all__ = ["grid_lag_effects", "shifted_contexts"]


def grid_lag_effects(
    estimand: Estimand, data: Dataset, *, n_lags: int = 4, n_leads: int = 0, degree: int | None = None,
    time: str = "week", adjust_lags: bool = True, clusters: str | None = None,
) -> LagEffects:  # fmt: skip
    """Effects of this period's and earlier treatments of the same item in the same place, on a log of visits.

    A regression of the complete grid with the effects that the estimand holds fixed absorbed, errors clustered by user
    and item. `total` is what a period of treatment gains in all, net of what later periods pay back; `paid_back` is
    that share. Assumes what the estimand assumes, of earlier periods too: given the absorbed effects and the
    covariates, no period's treatment answers to another period's outcome. Purchases in other places, and visits that
    a treatment moves, are not seen. Contexts without all their leads and lags are left out.

    Parameters
    ----------
    estimand : Estimand
        Of one treatment.
    data : Dataset
        A log of visits.
    n_lags, n_leads : int
    degree : int, optional
        Degree of the polynomial on which lags 1 to `n_lags` lie (Almon 1965), today's effect free beside it.
    time : str
        Context column with whole numbers.
    adjust_lags : bool
        Whether covariates that vary by cell, such as another promotion, are held fixed in all those periods and not
        in this one alone.
    clusters : str, optional
        Column of the items to cluster by, such as their category; default: each item.

    Returns
    -------
    LagEffects

    Raises
    ------
    DataError : a flat table, several treatments, a time that is no context of whole numbers.
    EstimationError : no context with all its leads and lags, or a lag without variation.
    """
    if len(estimand.treatment) != 1:
        raise DataError(f"Lag effects are of one treatment, not of {' and '.join(estimand.treatment)}: take one.")
    basis, lags = lag_basis(n_lags, n_leads, degree), tuple(range(-n_leads, n_lags + 1))
    units = grid(data)
    before = {lag: shifted_contexts(data, units, lag, time=time) for lag in lags}
    known = np.all([place >= 0 for place in before.values()], axis=0)
    _refuse_unknown(known, lags, time)
    part = units.only(known)
    plan = grid_plan(estimand, data, part)
    name, *others = plan.regressors
    shifted = _Shifted(units, {lag: place[known] for lag, place in before.items()}, name, others, basis, adjust_lags)
    codes = None if clusters is None else np.unique(data.item_column(clusters), return_inverse=True)[1]
    found = grid_regression(part, list(shifted), plan.absorbed, columns=shifted, item_clusters=codes)  # type: ignore[arg-type]
    refuse_two_clusters(found.n_clusters)
    p, left_out = basis.shape[1], int((~known).sum())
    effects = LagEffects(
        name, estimand.outcome, time, lags, basis @ found.coef[:p], basis @ found.cov[:p, :p] @ basis.T,
        float(found.dof), found.n, f"least squares on a grid, {plan.words} absorbed", data.unit,
        {"users": found.n_clusters["users"], clusters or "items": found.n_clusters["items"]},
    )  # fmt: skip
    few = cluster_notes(effects.n_clusters, effects.dof, None, "")
    notes = [f"{left_out:,} of {units.n_contexts:,} contexts are left out, a lead or lag of theirs not known"]
    return replace(effects, notes=(*(notes if left_out else []), *effects.lead_notes(), *few))


def shifted_contexts(data: Dataset, units: Grid, lag: int, *, time: str = "week") -> np.ndarray:
    """The context `lag` periods before each (after it where negative), all else equal; -1 where there is none.

    int64, shape (n_contexts,).

    Raises
    ------
    DataError : a time that is no column of the contexts, or not of whole numbers.
    """
    if time not in data.context:
        raise DataError(f"The visits have no context {time!r}; they have {', '.join(map(repr, data.context))}.")
    values = np.asarray(sorted_levels(data.tables["visits"][time], time).to_pylist())
    if values.dtype.kind not in "iu":
        raise DataError(f"The time {time!r} holds {values[0]!r}; lags need whole numbers, one a period.")
    others = [units.levels[name] for name in data.context if name != time]
    keys = list(zip(*others, values[units.levels[time]].tolist(), strict=True))
    place = {key: at for at, key in enumerate(keys)}
    return np.array([place.get((*key[:-1], key[-1] - lag), -1) for key in keys])


class _Shifted(Mapping[str, np.ndarray]):
    """Regressors by name; each is made when it is asked for, so that they are never all in memory."""

    def __init__(
        self, units: Grid, before: dict[int, np.ndarray], name: str, others: list[str], basis: np.ndarray,
        all_lags: bool,
    ):  # fmt: skip
        self.units, self.before = units, before
        zero = np.array([[float(lag == 0)] for lag in before])
        maps = {name: basis, **{other: basis if all_lags else zero for other in others}}
        self.terms = {f"{of} {k}": (of, column) for of, square in maps.items() for k, column in enumerate(square.T)}

    def __getitem__(self, name: str) -> np.ndarray:
        of, weights = self.terms[name]
        cells = self.units.treatment(of)
        total = np.zeros((len(self.before[0]), cells.shape[1]))
        for place, weight in zip(self.before.values(), weights, strict=True):
            if weight:
                total += weight * cells[place]
        return total

    def __iter__(self) -> Iterator[str]:
        return iter(self.terms)

    def __len__(self) -> int:
        return len(self.terms)


def _refuse_unknown(known: np.ndarray, lags: tuple[int, ...], time: str) -> None:
    if not known.any():
        raise EstimationError(
            f"No place was visited in {len(lags)} {time}s on end, as these leads and lags need. Take fewer of them."
        )
