"""All parameters of a model: what its text says, and what lavaan's defaults add."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import combinations

from causalrec.errors import GraphError
from causalrec.structural.linear_sem.syntax import Model, Statement

__all__ = ["Specification", "specify"]


@dataclass(frozen=True, slots=True)
class Specification:
    """A model with nothing left to defaults.

    Attributes
    ----------
    observed, latent : tuple of str
    rows : tuple of Statement
        Every coefficient, covariance and intercept that is not 0.
    has_means : bool
        Whether the model restricts or names intercepts.
    """

    observed: tuple[str, ...]
    latent: tuple[str, ...]
    rows: tuple[Statement, ...]
    has_means: bool

    @property
    def endogenous(self) -> tuple[str, ...]:
        """Variables with causes, observed ones first."""
        caused = {effect for effect, _ in self.arrows}
        return tuple(name for name in (*self.observed, *self.latent) if name in caused)

    @property
    def arrows(self) -> tuple[tuple[str, str], ...]:
        """(effect, cause) of each coefficient that may differ from 0."""
        rows = [row for row in self.rows if row.operator in ("=~", "~") and row.value != 0]
        return tuple((row.right, row.left) if row.operator == "=~" else (row.left, row.right) for row in rows)


def specify(model: Model, *, standardize_latents: bool = False) -> Specification:
    """Add to a model what lavaan's `sem()` would: variances, covariances, the scale of each latent variable.

    - each variable has a (residual) variance; exogenous latent variables covary freely, so do exogenous
      observed ones, and the residuals of the last outcomes;
    - a latent variable has the scale of its first indicator, or variance 1 if `standardize_latents`;
    - the only indicator of a latent variable measures it without error;
    - if an intercept is named, each observed variable has one, and latent means are 0.

    Raises
    ------
    GraphError : no observed variable, or a label that is both free and fixed.
    """
    latent = tuple(dict.fromkeys([row.left for row in model.statements if row.operator == "=~"] + [*model.latent]))
    sides = (name for row in model.statements for name in (row.left, row.right) if name)
    observed = tuple(name for name in dict.fromkeys(sides) if name not in latent)
    if not observed:
        raise GraphError("The model names no variable that is measured, so no data can tell of it. Add indicators.")
    rows = list(model.statements if standardize_latents else _with_markers(model.statements))
    known = {frozenset((row.left, row.right)) for row in rows if row.operator == "~~"}
    if model.completed:
        rows += [Statement(a, "~~", b) for a, b in _default_pairs(rows, observed, latent) if {a, b} not in known]
    exact = _exact(rows, observed) if model.completed else set()
    for name in (*observed, *latent):
        if frozenset((name,)) not in known:
            value = 0.0 if name in exact else 1.0 if standardize_latents and name in latent else None
            rows.append(Statement(name, "~~", name, value))
    has_means = any(row.operator == "~1" for row in rows)
    if has_means:
        named = {row.left for row in rows if row.operator == "~1"}
        rows += [Statement(name, "~1") for name in observed if name not in named]
    _refuse_mixed(rows)
    return Specification(observed, latent, tuple(rows), has_means)


def _with_markers(rows: Iterable[Statement]) -> Iterable[Statement]:
    """The first indicator of each latent variable has loading 1, unless `NA*` frees it."""
    seen = set[str]()
    for row in rows:
        is_first = row.operator == "=~" and row.left not in seen
        if is_first:
            seen.add(row.left)
        yield replace(row, value=1.0) if is_first and row.value is None and not row.free else row


def _default_pairs(rows: list[Statement], observed: tuple[str, ...], latent: tuple[str, ...]) -> list[tuple[str, str]]:
    indicators = {row.right for row in rows if row.operator == "=~"}
    outcomes = {row.left for row in rows if row.operator == "~"}
    causes = {row.right for row in rows if row.operator == "~"}
    caused = indicators | outcomes
    last = [name for name in (*observed, *latent) if name in outcomes - causes - indicators]
    groups = ([name for name in latent if name not in caused], [name for name in observed if name not in caused], last)
    return [pair for group in groups for pair in combinations(group, 2)]


def _exact(rows: list[Statement], observed: tuple[str, ...]) -> set[str]:
    """Observed variables that are the one indicator of a latent variable."""
    loadings = [row for row in rows if row.operator == "=~"]
    n_of = {row.left: sum(other.left == row.left for other in loadings) for row in loadings}
    n_to = {row.right: sum(other.right == row.right for other in loadings) for row in loadings}
    return {row.right for row in loadings if n_of[row.left] == 1 == n_to[row.right] and row.right in observed}


def _refuse_mixed(rows: list[Statement]) -> None:
    for label in {row.label for row in rows if row.label}:
        values = {row.value for row in rows if row.label == label}
        if len(values) > 1:
            raise GraphError(
                f"Label {label!r} stands for values {sorted(map(str, values))}: equal parameters are all free, or "
                f"fixed at one value. Free the first indicator with NA*, or rename."
            )
