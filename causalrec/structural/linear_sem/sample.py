"""What a linear model sees of data: means and covariances, and the rows where they are given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from causalrec.errors import DataError, EstimationError, MissingColumnsError, ShapeError

__all__ = ["Sample", "sample_of_matrix", "sample_of_rows"]

RELATIVE_RANK = 1e-10  # of a correlation matrix: below it a column is a sum of others


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """Moments of the rows that have the same variables.

    Attributes
    ----------
    seen : int64, shape (k,)
        Those variables.
    n : int
        Rows.
    covariance : float64, shape (k, k)
        About their mean, divided by n.
    mean : float64, shape (k,), optional
    rows : int64, shape (n,)
        Which rows; empty where only moments are known.
    """

    seen: np.ndarray
    n: int
    covariance: np.ndarray
    mean: np.ndarray | None
    rows: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Moments of the observed variables.

    Attributes
    ----------
    names : tuple of str
    covariance : float64, shape (p, p)
        Divided by n, as maximum likelihood does; of the values that there are where some are missing, and then
        only a place to start from.
    mean : float64, shape (p,), optional
    n : int
    patterns : tuple of Pattern
        One where no value is missing.
    rows : float64, shape (n, p), optional
        NaN where a value is missing.
    clusters : mapping of str to int64, shape (n,)
    """

    names: tuple[str, ...]
    covariance: np.ndarray
    mean: np.ndarray | None
    n: int
    patterns: tuple[Pattern, ...]
    rows: np.ndarray | None = None
    clusters: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        """Whether no value is missing."""
        return len(self.patterns) == 1 and len(self.patterns[0].seen) == len(self.names)


def sample_of_rows(
    rows: np.ndarray,
    names: tuple[str, ...],
    clusters: Mapping[str, np.ndarray] | None = None,
    *,
    missing: str = "refuse",
) -> Sample:
    """Moments of rows, by what is missing in them.

    Raises
    ------
    DataError : values are missing and `missing` is "refuse".
    EstimationError : too few rows, a constant column, or columns that are a sum of others.
    """
    holes = np.isnan(rows)
    if holes.any() and missing == "refuse":
        counts = zip(names, holes.sum(axis=0), strict=True)
        listed = ", ".join(f"{name!r} {int(count):,}" for name, count in counts if count)
        raise DataError(
            f'Values are missing: {listed}. Fit with missing="likelihood", which uses what each row has and is right '
            f"when missingness depends on what was seen only, or drop those rows if that leaves the question the same."
        )
    if len(rows) <= len(names):
        _refuse_few(len(rows), len(names))
    kept = ~holes.all(axis=1)  # a row without any value says nothing
    rows, holes = rows[kept], holes[kept]
    clusters = {name: np.unique(codes[kept], return_inverse=True)[1] for name, codes in (clusters or {}).items()}
    if empty := [name for name, none in zip(names, holes.all(axis=0), strict=True) if none]:
        raise EstimationError(f"{', '.join(map(repr, empty))} has no value at all. Leave it out of the model.")
    patterns = _patterns(rows, holes)
    if len(patterns) == 1:
        mean, covariance = patterns[0].mean, patterns[0].covariance
    else:
        mean = np.nanmean(rows, axis=0)
        covariance = np.diag(np.nanvar(rows, axis=0))
    _refuse_singular(covariance, names, len(rows))
    return Sample(names, covariance, mean, len(rows), patterns, rows, clusters)


def _patterns(rows: np.ndarray, holes: np.ndarray) -> tuple[Pattern, ...]:
    kinds, codes = np.unique(holes, axis=0, return_inverse=True)
    found = []
    for k, kind in enumerate(kinds):
        seen, members = np.flatnonzero(~kind), np.flatnonzero(codes.reshape(-1) == k)
        part = rows[np.ix_(members, seen)]
        mean = part.mean(axis=0)
        found.append(Pattern(seen, len(members), (part - mean).T @ (part - mean) / len(members), mean, members))
    return tuple(found)


def sample_of_matrix(matrix: Any, names: Sequence[str], n: int, means: Any, wanted: tuple[str, ...]) -> Sample:
    """Moments of the variables `wanted` from a covariance matrix that was divided by n - 1.

    Raises
    ------
    ShapeError : shapes that do not fit.
    DataError : not symmetric, not finite, or `n` is no number of rows.
    MissingColumnsError : a variable is not among `names`.
    """
    if not isinstance(names, Iterable):
        raise DataError(f"`names` is {names!r}; it is a list of names, one for each row of `matrix`.")
    matrix, names = _floats(matrix, "matrix"), tuple(names)
    if matrix.shape != (len(names), len(names)):
        raise ShapeError(
            f"`matrix` has shape {matrix.shape} and `names` {len(names)}; it has a row and column for each."
        )
    if len(set(names)) != len(names):
        raise DataError("`names` holds a name twice.")
    if not isinstance(n, int | np.integer) or isinstance(n, bool) or n < 2:
        raise DataError(f"`n` is {n!r}; it is the number of rows, at least 2.")
    if not np.allclose(matrix, matrix.T, rtol=1e-8, atol=1e-10 * np.abs(matrix).max()):
        raise DataError("`matrix` is not symmetric; give the full covariance matrix, not one triangle.")
    if absent := [name for name in wanted if name not in names]:
        raise MissingColumnsError(absent, "matrix", names)
    if np.linalg.eigvalsh(matrix)[0] < -1e-8 * np.abs(matrix).max():
        raise DataError("`matrix` is no covariance matrix: it has a negative eigenvalue.")
    place = [names.index(name) for name in wanted]
    if means is not None and (means := _floats(means, "means")).shape != (len(names),):
        raise ShapeError(f"`means` has shape {means.shape} and there are {len(names)} names.")
    covariance = matrix[np.ix_(place, place)] * (n - 1) / n
    covariance = (covariance + covariance.T) / 2
    _refuse_singular(covariance, wanted, n)
    mean = None if means is None else means[place]
    pattern = Pattern(np.arange(len(wanted)), int(n), covariance, mean, np.empty(0, dtype=np.int64))
    return Sample(wanted, covariance, mean, int(n), (pattern,))


def _floats(values: Any, name: str) -> np.ndarray:
    try:
        array = np.array(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise DataError(f"`{name}` holds something that is no number.") from error
    if not np.isfinite(array).all():
        raise DataError(f"`{name}` holds values that are missing or infinite.")
    return array


def _refuse_singular(covariance: np.ndarray, names: Sequence[str], n: int) -> None:
    """Constant columns, sums of others, and fewer rows than columns have no likelihood."""
    if n <= len(names):
        _refuse_few(n, len(names))
    variance = np.diag(covariance)
    if constant := [name for name, v in zip(names, variance, strict=True) if not v > 0]:
        raise EstimationError(f"{', '.join(map(repr, constant))} does not vary. Leave it out of the model.")
    scale = np.sqrt(variance)
    values, vectors = np.linalg.eigh(covariance / np.outer(scale, scale))
    if values[0] < RELATIVE_RANK:
        among = [name for name, weight in zip(names, np.abs(vectors[:, 0]), strict=True) if weight > 0.05]
        raise EstimationError(
            f"The sample covariance matrix has no inverse: {', '.join(map(repr, among))} are a sum of one another "
            f"(smallest eigenvalue of their correlations {values[0]:.1e}). Leave one out."
        )


def _refuse_few(n: int, p: int) -> None:
    raise EstimationError(f"{n:,} rows are too few for {p} variables: their covariance matrix has no inverse.")
