"""G-test: discrete variables, in the strata of discrete ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from causalrec.errors import DataError
from causalrec.falsification.independence_test import IndependenceTest, untestable
from causalrec.falsification.linear import strata
from causalrec.falsification.variable import as_variable, as_variables, same_length

__all__ = ["g_test"]

METHOD = "G"
N_TAIL = 10  # fewer draws than this beyond the statistic say little about a tail


def g_test(x: Any, y: Any, given: Any = (), *, n_draws: int = 1999, random_state: int = 0) -> IndependenceTest:
    """Likelihood ratio test of independence in each stratum of `given`.

    G is summed over the strata. A stratum counts with the rows and columns that occur in it, so its degrees of
    freedom are (rows - 1)(columns - 1) of those; a stratum with one row or column says nothing and is left out.

    Small cells: where more than a fifth of the expected counts are below 5 or one is below 1 (Cochran's rule),
    the chi-squared law is not trusted. Then p is the share of `n_draws` tables with the same margins, drawn in
    each stratum, whose G is as large: exact under independence. Where fewer than ten draws are as large, p is the
    tail of a gamma law with the mean and variance of the draws, and no more than that share.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Categories.
    given : sequence of array_like (n,), or array (n, k)
        Categories.

    Raises
    ------
    DataError : a value is missing.
    ShapeError : the lengths differ.

    References
    ----------
    Cochran (1954), Some methods for strengthening the common chi-squared tests, Biometrics 10(4), 417-451.

    Examples
    --------
    >>> g_test(["a", "b"] * 50, ["u", "u", "v", "v"] * 25).p_value
    1.0
    """
    first, second = (as_variable(v, name=name, kind="discrete") for name, v in (("x", x), ("y", y)))
    others = as_variables(given)
    if fractions := [name for name, v in (("x", x), ("y", y)) if _has_fractions(v)]:
        raise DataError(
            f"The G-test takes categories, and {' and '.join(map(repr, fractions))} holds numbers with fractions; "
            f"`independence_test` chooses a test that fits."
        )
    if any(variable.kind != "discrete" for variable in (first, second, *others)):
        raise DataError("The G-test takes categories only; `independence_test` chooses a test that fits.")
    n = same_length((first, second, *others))
    tables = list(_tables(first.codes, second.codes, strata(others, n)))
    dof = sum((table.shape[0] - 1) * (table.shape[1] - 1) for table in tables)
    used = int(sum(table.sum() for table in tables))
    if not dof:
        return untestable(METHOD, n, "no stratum in which both vary")
    statistic = float(sum(_g(table[None], _expected(table))[0] for table in tables))
    if _is_dense(tables):
        from scipy.stats import chi2

        return IndependenceTest(statistic, float(chi2.sf(statistic, dof)), dof, used, METHOD, float(used))
    drawn = _drawn(tables, n_draws, random_state)
    note = f"small cells: {n_draws} tables with the same margins"
    return IndependenceTest(statistic, _tail(statistic, drawn), dof, used, METHOD, float(used), note)


def _has_fractions(values: Any) -> bool:
    array = np.asarray(values) if not hasattr(values, "kind") else np.empty(0)
    return array.dtype.kind == "f" and len(np.unique(array)) > 2 and bool((array != np.round(array)).any())


def _tables(x: np.ndarray, y: np.ndarray, stratum: np.ndarray) -> Iterator[np.ndarray]:
    order = np.argsort(stratum, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(stratum[order])) + 1):
        levels_x, code_x = np.unique(x[rows], return_inverse=True)
        levels_y, code_y = np.unique(y[rows], return_inverse=True)
        shape = len(levels_x), len(levels_y)
        if min(shape) > 1:
            yield np.bincount(code_x * shape[1] + code_y, minlength=shape[0] * shape[1]).reshape(shape)


def _expected(table: np.ndarray) -> np.ndarray:
    return np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()


def _g(tables: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """G of each table of a stack with one set of margins; float64, shape (n_tables,)."""
    ratio = np.divide(tables, expected)
    logs = np.log(ratio, out=np.zeros_like(ratio), where=tables > 0)
    return np.maximum(2 * (tables * logs).sum(axis=(1, 2)), 0.0)


def _is_dense(tables: list[np.ndarray]) -> bool:
    expected = np.concatenate([_expected(table).ravel() for table in tables])
    return bool(expected.min() >= 1 and (expected < 5).mean() <= 0.2)


def _drawn(tables: list[np.ndarray], n_draws: int, random_state: int) -> np.ndarray:
    from scipy.stats import random_table

    rng = np.random.default_rng(random_state)
    total = np.zeros(n_draws)
    for table in tables:
        law = random_table(table.sum(axis=1), table.sum(axis=0), seed=rng)
        total += _g(law.rvs(n_draws), _expected(table))
    return total


def _tail(statistic: float, drawn: np.ndarray) -> float:
    from scipy.stats import gamma

    as_large = int((drawn >= statistic - 1e-9 * max(statistic, 1.0)).sum())
    share = (1 + as_large) / (1 + len(drawn))
    mean, variance = drawn.mean(), drawn.var()
    if as_large >= N_TAIL or variance == 0:
        return float(share)
    return float(min(share, gamma.sf(statistic, mean**2 / variance, scale=variance / mean)))
