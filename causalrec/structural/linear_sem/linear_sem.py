"""`LinearSEM`: linear structural equations with latent variables, by maximum likelihood."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

from causalrec.errors import DataError, GraphError
from causalrec.graph import CausalGraph
from causalrec.structural.linear_sem.columns import read_clusters, read_rows
from causalrec.structural.linear_sem.fit import SEMFit
from causalrec.structural.linear_sem.fit_indices import fit_indices
from causalrec.structural.linear_sem.graph_model import graph_model
from causalrec.structural.linear_sem.improper import improper
from causalrec.structural.linear_sem.parameter_errors import ERRORS, parameter_covariance
from causalrec.structural.linear_sem.parameter_table import definitions, parameter_table
from causalrec.structural.linear_sem.sample import Sample, sample_of_matrix, sample_of_rows
from causalrec.structural.linear_sem.solution import solve
from causalrec.structural.linear_sem.specification import Specification, specify
from causalrec.structural.linear_sem.standardized import explained
from causalrec.structural.linear_sem.syntax import parse_model

__all__ = ["LinearSEM"]

MISSING = ("refuse", "likelihood")


class LinearSEM:
    """Linear structural equations with latent variables.

    Parameters
    ----------
    model : str or CausalGraph
        A text in lavaan's syntax: `taste =~ clicks + saves` (a latent variable and what shows it),
        `buys ~ b*exposure + taste` (causes, with a label), `clicks ~~ saves` (residual covariance), `buys ~ 1`
        (intercept), `0.5*x`, `NA*x`, `start(0.5)*x`, equal labels for equal parameters, `ab := a*b`, `a == 2*b`. What
        it leaves out is added as lavaan's `sem()` does, except that exogenous variables are random: their
        variances are parameters, which changes AIC, BIC and the log likelihood but no coefficient. As there, an
        exogenous latent variable and an exogenous observed one do not covary unless the text says so.

        Or a graph: each edge is a coefficient, each bidirected edge a covariance of residuals, and nothing else
        covaries. Its latent nodes with three or more effects are latent variables; others are projected out.
    standardize_latents : bool
        Whether latent variables have (residual) variance 1 instead of the scale of their first indicator.
    errors : {"standard", "robust", "satorra-bentler"}
        "standard" holds for normal variables; the others for any with fourth moments, and need rows.

    Notes
    -----
    Assumes that all relations are linear, that rows (or clusters of them) are independent, and that every
    path which the model leaves out has coefficient 0.

    References
    ----------
    Bollen 1989, Structural Equations with Latent Variables, Wiley.
    McArdle, McDonald 1984, British J. Mathematical and Statistical Psychology 37(2), 234-251.

    Examples
    --------
    >>> covariance = [[2.0, 1.0, 0.5], [1.0, 2.0, 1.0], [0.5, 1.0, 2.0]]
    >>> model = LinearSEM("clicks ~ a*shown; buys ~ b*clicks; ab := a*b")
    >>> fit = model.fit_covariance(covariance, ["shown", "clicks", "buys"], n=401)
    >>> print(fit.effect("shown", "buys").total)
    +0.2500 ± 0.0306 (95% +0.1901 to +0.3099)
    """

    def __init__(self, model: str | CausalGraph, *, standardize_latents: bool = False, errors: str = "standard"):
        self.model = model
        self.standardize_latents = standardize_latents
        self.errors = errors
        if errors not in tuple(ERRORS):  # a list has no hash
            raise DataError(f"`errors` is {errors!r}; it is one of {', '.join(ERRORS)}.")
        if not isinstance(model, str | CausalGraph):
            raise GraphError(f"`model` is {type(model).__name__}; it is a text in lavaan's syntax or a CausalGraph.")
        self._model = (
            graph_model(model, standardize_latents=standardize_latents)
            if isinstance(model, CausalGraph)
            else parse_model(model)
        )  # fmt: skip
        self._specification = specify(self._model, standardize_latents=standardize_latents)
        self._defined = definitions(self._specification, self._model.defined)

    @property
    def specification(self) -> Specification:
        """Every parameter, with what defaults add."""
        return self._specification

    def fit(self, data: Any, *, clusters: str | Sequence[str] = (), missing: str = "refuse") -> SEMFit:
        """Fit to rows.

        Parameters
        ----------
        data : Dataset, frame, or mapping of columns
            With a column for each observed variable.
        clusters : str or sequence of str
            Columns whose equal values mark rows that depend on each other, such as "user"; for robust errors.
        missing : {"refuse", "likelihood"}
            "likelihood" uses what each row has (full information maximum likelihood). It is right when
            missingness depends only on values that were seen.

        Raises
        ------
        DataError : missing values, no numbers, or clusters with errors of normal theory.
        MissingColumnsError : columns that the model names and the data lack.
        EstimationError : the model is not identified, or the search does not converge.
        """
        if missing not in MISSING:
            raise DataError(f"`missing` is {missing!r}; it is one of {', '.join(MISSING)}.")
        if clusters and self.errors != "robust":
            raise DataError('Clusters need errors="robust"; those of normal theory take rows as independent.')
        names = self._specification.observed
        rows = read_rows(data, names, self._specification.latent)
        codes = read_clusters(data, clusters) if clusters else {}
        return self._fitted(sample_of_rows(rows, names, codes, missing=missing))

    def fit_covariance(self, matrix: Any, names: Sequence[str], n: int, means: Any = None) -> SEMFit:
        """Fit to a covariance matrix.

        Parameters
        ----------
        matrix : array_like, shape (p, p)
            Sample covariances, divided by n - 1 as usual.
        names : sequence of str
            Of its rows; the model may use some of them.
        n : int
            Rows that it was computed from.
        means : array_like, shape (p,), optional

        Raises
        ------
        DataError, ShapeError : a matrix that is none, or robust errors, which need rows.
        EstimationError : as in `fit`.
        """
        return self._fitted(sample_of_matrix(matrix, names, n, means, self._specification.observed))

    def _fitted(self, sample: Sample) -> SEMFit:
        found = self._specification
        solution = solve(found, sample, self._model.constraints)
        covariance = parameter_covariance(solution, self.errors)
        exogenous = _free_exogenous(found)
        scaled = self.errors != "standard" and sample.is_complete and len(sample.clusters) < 2
        shape, names = solution.shape, found.endogenous
        shares = explained(shape, solution.theta, names)
        return SEMFit(
            parameters=parameter_table(solution, covariance, self._defined, len(found.rows)),
            indices=fit_indices(solution, has_means=found.has_means, exogenous=exogenous, scaled=scaled),
            r2=dict(zip(names, shares.tolist(), strict=True)), n=sample.n, errors=self.errors,
            n_clusters={name: int(codes.max()) + 1 for name, codes in sample.clusters.items()},
            improper=improper(shape, solution.theta), notes=_notes(sample), _solution=solution,
            _covariance=covariance, _specification=found,
        )  # fmt: skip


def _free_exogenous(found: Specification) -> tuple[str, ...]:
    """Exogenous observed variables, where the model lets all of them covary; the baseline model does too then."""
    names = tuple(name for name in found.observed if name not in found.endogenous)
    free = {frozenset((row.left, row.right)) for row in found.rows if row.operator == "~~" and row.value is None}
    return names if all(set(pair) in free for pair in combinations(names, 2)) else ()


def _notes(sample: Sample) -> tuple[str, ...]:
    notes = []
    if not sample.is_complete:
        n = int(np.isnan(sample.rows).any(axis=1).sum())  # type: ignore[arg-type]
        notes.append(f"{n:,} of {sample.n:,} rows lack values; missingness must depend on values that were seen only")
    if sample.clusters:
        notes.append(
            "chi-square, CFI, TLI, RMSEA, AIC and BIC take rows as independent"
            + ("; the scaled chi-square does not" if sample.is_complete and len(sample.clusters) < 2 else "")
        )
    return tuple(notes)
