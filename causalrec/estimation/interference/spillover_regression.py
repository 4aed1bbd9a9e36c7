"""Direct and spill-over effects by least squares on own treatment and exposure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Self

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.estimators import InfluenceEstimator
from causalrec.estimation.interference.contrasts import SpilloverEffects, contrast
from causalrec.estimation.interference.exposures import (
    Exposure,
    Neighbours,
    exposure,
    mapped,
    neighbours_at,
)
from causalrec.estimation.interference.network import Network
from causalrec.estimation.interference.network_errors import bandwidth, network_covariance
from causalrec.estimation.interference.slates import Slates
from causalrec.estimation.interference.treated_units import one_treatment
from causalrec.estimation.linear.ols import OLS
from causalrec.estimation.uncertainty.few_clusters import cluster_notes, refuse_two_clusters
from causalrec.identification import Estimand

__all__ = ["SpilloverRegression"]


class SpilloverRegression(InfluenceEstimator):
    """Least squares of the outcome on own treatment and exposure, with errors for dependence in the network.

    Assumes that others act through the exposure alone, that outcomes are linear in own treatment and exposure, and
    that both are as if drawn by lot given the covariates. How many friends a unit has decides what exposure it can
    have, so that the number of friends (for a share: whether there are any) is held fixed besides the covariates.
    `effect` gives the total, everybody against nobody treated; `effects` the parts.

    Parameters
    ----------
    network : Network or Slates
        One row a unit, in the order of the design.
    kind : {"share", "count", "any"}
    hops : {1, 2}
    errors : {"network", "clusters"}
        "network": HAC over path distances (Leung 2022, Econometrica 90(1)), for slates errors clustered by slate;
        "clusters": those of the design, such as `graph_clusters`.
    radius : int, optional
        Edges within which units may depend on each other; by the paper's rule where it is not given.
    kernel : {"uniform", "balls"}

    Attributes
    ----------
    value_ : float64, shape (2,)
        Direct effect; and spill-over, all friends treated against none, averaged over the units.
    exposure_ : Exposure
    slope_ : float
        Effect of one more unit of exposure; `slope_stderr_` its error.
    radius_ : int or None

    Examples
    --------
    >>> from causalrec.estimation.interference.network import network_of
    >>> rng = np.random.default_rng(0)
    >>> ring = network_of(np.arange(400), (np.arange(400) + 1) % 400, n=400)
    >>> t = (rng.random(400) < 0.5).astype(float)
    >>> y = 2 * t + exposure(ring, t).value + 0.1 * rng.normal(size=400)
    >>> rows = Design(y, t[:, None], np.empty((400, 0)), (), {}, ("invited",))
    >>> SpilloverRegression(ring).fit(rows).value_.round(1)
    array([2., 1.])
    """

    def __init__(
        self, network: Neighbours, *, kind: str = "share", hops: int = 1, errors: str = "network",
        radius: int | None = None, kernel: str = "uniform",
    ):  # fmt: skip
        self.network = network
        self.kind = kind
        self.hops = hops
        self.errors = errors
        self.radius = radius
        self.kernel = kernel

    def fit(self, design: Design) -> Self:
        """Estimate from a design with one row for each unit of the network.

        Raises
        ------
        DataError : a treatment that is not 0 and 1, several treatments, a stream.
        ShapeError : other units than those of the network.
        EstimationError : everybody or nobody is treated, or the exposure does not vary given the rest.
        """
        near = neighbours_at(self.network, self.hops)
        treatment = one_treatment(design, near, type(self).__name__)
        if self.errors not in ("network", "clusters"):
            raise DataError(f"errors is {self.errors!r}; it is 'network' or 'clusters'.")
        found = exposure(self.network, treatment, kind=self.kind, hops=self.hops)
        _refuse_constant(found)
        whole = near.all_friends()
        wide = _widened(design, treatment, found, near)
        solved = OLS().fit(wide)
        self.exposure_ = found
        self._full = float(np.average(mapped(whole, whole, self.kind), weights=design.weight))
        scale = np.array([1.0, self._full])
        self._name = design.treatment_names[0]
        assert solved.influence_ is not None
        clustered, kept = self._errors(design, solved, scale)
        self._keep(
            clustered, value=solved.value_ * scale, influence=solved.influence_ * scale,
            n_parameters=solved.n_parameters_, method=f"least squares on own treatment and {found.words}",
            diagnostics={**solved.diagnostics_, "mean exposure": float(found.value.mean()),
                         "units without friends": float(found.alone.sum())}, **kept,
        )  # fmt: skip
        self.slope_, self.slope_stderr_ = float(solved.value_[1]), float(self.stderr_[1] / self._full)
        return self

    def effects(self, estimand: Estimand, *, unit: str = "outcome") -> SpilloverEffects:
        """Direct, spill-over and total effect, each with its error.

        Raises
        ------
        NotFittedError : `fit` was not called.
        """
        self._require_fitted()
        refuse_two_clusters(self.n_clusters_)
        covariance, dof = self._covariance()
        parts = zip(self.value_, np.diag(covariance), strict=True)
        direct, spill = (
            contrast(name, compares, float(value), float(variance), dof)
            for (name, compares), (value, variance) in zip(self._compared(), parts, strict=True)
        )
        total = contrast("total", "everybody treated against nobody", float(self.value_.sum()), float(covariance.sum()),
                         dof)  # fmt: skip
        return SpilloverEffects(
            direct, spill, total, self._name, estimand.outcome, self.method_, self.errors_, self.n_, unit=unit,
            diagnostics=dict(self.diagnostics_), notes=self._notes(),
        )  # fmt: skip

    def _clusters(self, design: Design) -> dict[str, np.ndarray]:
        if self.errors == "network" and isinstance(self.network, Slates):
            return {self.network.name: self.network.codes}
        if not design.clusters:
            raise DataError("errors='clusters' needs clusters in the design, such as graph_clusters(network).codes.")
        return design.clusters

    def _compared(self) -> tuple[tuple[str, str], tuple[str, str]]:
        who = f"others of the {self.network.name}" if isinstance(self.network, Slates) else (
            "friends" if self.hops == 1 else "friends of friends")  # fmt: skip
        return ("direct", "own treatment, exposure fixed"), ("spill-over", f"all {who} treated against none, own fixed")

    def _notes(self) -> tuple[str, ...]:
        alone = int(self.exposure_.alone.sum())
        said = (f"{alone:,} units without friends have no spill-over and count as 0 in its average",) if alone else ()
        return said + cluster_notes(self.n_clusters_, self._covariance()[1], None, "")

    def _errors(self, design: Design, solved: OLS, scale: np.ndarray) -> tuple[Design, dict[str, Any]]:
        """The design with the clusters that errors follow, or the covariance where they follow the network."""
        self.radius_ = None
        if self.errors == "clusters" or not isinstance(self.network, Network):
            clusters = self._clusters(design)
            self.errors_ = f"clustered by {' and '.join(clusters)}"
            return replace(design, clusters=dict(clusters)), {}
        assert solved.influence_ is not None
        self.radius_ = bandwidth(self.network, self.hops) if self.radius is None else self.radius
        found = network_covariance(solved.influence_ * scale, self.network, self.radius_, self.kernel)
        self.errors_ = found.words
        left = design.n - solved.n_parameters_
        factor = (design.n - 1) / left  # of the parameters; that of the neighbourhoods is in the covariance
        return replace(design, clusters={}), {"covariance": found.covariance * factor, "dof": min(found.dof, left)}


def _refuse_constant(found: Exposure) -> None:
    some = found.value[~found.alone]
    if some.min() == some.max():
        raise EstimationError(
            f"The exposure ({found.words}) is {some[0]:g} for every unit that has any: it never varies, so that its "
            f"effect cannot be told. Take another kind of exposure, or a design in which it varies."
        )


def _widened(design: Design, treatment: np.ndarray, found: Exposure, near: Neighbours) -> Design:
    """The design with the exposure as a second treatment, and what decides its range as covariates."""
    columns = {"no friends": found.alone.astype(float)}
    if found.kind != "share":
        columns |= {"number of friends": near.all_friends()}
    if found.kind == "any":
        # Any of 2 and any of 20 friends differ in their chance, which is not linear in the number.
        columns |= {"log number of friends": np.log1p(near.all_friends())}
    columns = {name: column for name, column in columns.items() if column.min() < column.max()}
    return replace(
        design, treatments=np.column_stack([treatment, found.value]), clusters={}, keys=None,
        treatment_names=(*design.treatment_names, found.words),
        covariates=np.column_stack([design.covariates, *columns.values()]),
        covariate_names=(*design.covariate_names, *columns),
    )  # fmt: skip
