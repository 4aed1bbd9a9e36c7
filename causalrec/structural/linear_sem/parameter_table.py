"""The table of estimates: what the model says, what defaults add, what it defines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from causalrec.errors import GraphError, nearest
from causalrec.structural.linear_sem.coefficient import Coefficient
from causalrec.structural.linear_sem.derivative import delta_errors
from causalrec.structural.linear_sem.expressions import Expression, parse_expression
from causalrec.structural.linear_sem.ram import Structure
from causalrec.structural.linear_sem.solution import Solution, label_values
from causalrec.structural.linear_sem.specification import Specification
from causalrec.structural.linear_sem.standardized import row_values, standardized
from causalrec.structural.linear_sem.syntax import Relation, Statement

__all__ = ["ModelParameter", "definitions", "parameter_table"]

KINDS = {"=~": "loading", "~": "coefficient", "~~": "covariance", "~1": "intercept"}


@dataclass(frozen=True, slots=True)
class ModelParameter:
    """One row of the table of estimates.

    Attributes
    ----------
    statement : str
        Such as "buys ~ taste", or the name of a defined parameter.
    kind : {"loading", "coefficient", "covariance", "variance", "intercept", "defined"}
    label : str
    free : bool
        Whether it was estimated; what is fixed has error 0.
    estimate : Coefficient
    std_lv, std_all : Coefficient
        Where latent variables, or all variables, have variance 1; a covariance of residuals is a correlation.
    """

    statement: str
    kind: str
    label: str
    free: bool
    estimate: Coefficient
    std_lv: Coefficient
    std_all: Coefficient

    def to_dict(self, level: float = 0.95) -> dict[str, Any]:
        """Plain numbers and text."""
        return {
            "statement": self.statement, "kind": self.kind, "label": self.label, "free": self.free,
            **self.estimate.to_dict(level), "std_lv": self.std_lv.value, "std_lv_stderr": self.std_lv.stderr,
            "std_all": self.std_all.value, "std_all_stderr": self.std_all.stderr,
        }  # fmt: skip


def definitions(found: Specification, relations: Sequence[Relation]) -> dict[str, Expression]:
    """Expressions of the defined parameters, in their order: one may use those before it.

    Raises
    ------
    GraphError : one names no label, or has the name of a label or of another.
    """
    known = {row.label for row in found.rows if row.label}
    defined: dict[str, Expression] = {}
    for relation in relations:
        expression = parse_expression(relation.right)
        if unknown := [name for name in expression.names if name not in known]:
            raise GraphError(
                f"{relation.left} := {relation.right} has no label {nearest(unknown, known)}. Put the label before a "
                f"variable, as in y ~ a*x."
            )
        if relation.left in known:
            raise GraphError(f"{relation.left!r} is defined, and is a label or defined before. Give it another name.")
        known.add(relation.left)
        defined[relation.left] = expression
    return defined


def parameter_table(
    solution: Solution, covariance: np.ndarray, defined: Mapping[str, Expression], n_rows: int
) -> tuple[ModelParameter, ...]:
    """Estimates of the first `n_rows` rows and of what is defined, each with errors, in three scales."""
    shape = solution.shape

    def errors_of(scale: Callable[[Structure, np.ndarray], np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        def values(theta: np.ndarray) -> np.ndarray:
            rows = scale(shape, theta)
            return np.concatenate([rows[:n_rows], _defined_values(defined, label_values(shape, rows))])

        return delta_errors(values, solution.theta, covariance)

    with np.errstate(invalid="ignore", divide="ignore"):
        found = [errors_of(scale) for scale in (row_values, _standardized_latent, _standardized_all)]
    columns = [[Coefficient(float(v), float(e)) for v, e in zip(*pair, strict=True)] for pair in found]
    rows = [
        (str(row).replace("~1", "~ 1"), _kind(row), row.label, bool(k >= 0))
        for row, k in zip(shape.rows[:n_rows], shape.index, strict=False)
    ]  # fmt: skip
    rows += [(name, "defined", name, True) for name in defined]
    return tuple(ModelParameter(*row, *scaled) for row, *scaled in zip(rows, *columns, strict=True))


def _kind(row: Statement) -> str:
    return "variance" if row.operator == "~~" and row.left == row.right else KINDS[row.operator]


def _standardized_latent(shape: Structure, theta: np.ndarray) -> np.ndarray:
    return standardized(shape, theta, latent_only=True)


def _standardized_all(shape: Structure, theta: np.ndarray) -> np.ndarray:
    return standardized(shape, theta, latent_only=False)


def _defined_values(defined: Mapping[str, Expression], labels: Mapping[str, complex]) -> np.ndarray:
    known: dict[str, Any] = dict(labels)
    for name, expression in defined.items():
        known[name] = expression.value(known)
    return np.array([known[name] for name in defined], dtype=complex)
