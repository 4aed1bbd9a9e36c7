"""What every estimator shares: parameters that print, and an effect from influence values."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError, NotFittedError
from causalrec.estimation.effect import EffectEstimate
from causalrec.estimation.parameters import refuse_no_design, refuse_parameters
from causalrec.estimation.uncertainty.clusters import influence_covariance
from causalrec.estimation.uncertainty.few_clusters import FEW_CLUSTERS, cluster_notes, refuse_two_clusters, wild_test
from causalrec.identification import Estimand

if TYPE_CHECKING:
    from causalrec.estimation.uncertainty.wild_bootstrap import WildTest

__all__ = ["InfluenceEstimator", "effective_number", "treatment_names"]


class InfluenceEstimator:
    """An estimator whose error follows from the influence of each unit.

    A class that inherits takes parameters in `__init__` and keeps them untouched, has `fit(design)`, and
    ends it with `return self._keep(design, ...)`. `effect` does the rest: clusters, effective sample size
    and several treatments that are set together, whose effects add up.

    Attributes
    ----------
    value_ : float64, shape (k,)
        One value a treatment, or a contrast.
    influence_ : float64, shape (n, k), or None
        Influence of each unit: an estimate less the truth is about their mean. None for a design that is
        streamed, which has `covariance_` instead.
    covariance_ : float64, shape (k, k), or None
        Covariance of `value_` where the estimator computed it itself.
    n_parameters_ : int
        Coefficients that the estimate cost.
    target_ : str
        "ATE", "ATT", "ATO", or what an instrument gives.
    diagnostics_ : dict of str to float
    method_ : str
    """

    value_: np.ndarray
    influence_: np.ndarray | None
    covariance_: np.ndarray | None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Every `fit` looks at the parameters and the design first, so that no class can forget it."""
        super().__init_subclass__(**kwargs)
        if "fit" in cls.__dict__:
            cls.fit = _checked_first(cls.__dict__["fit"])  # type: ignore[method-assign]

    def fit(self, design: Design) -> Self:
        """Estimate from a design; each class has its own way."""
        raise NotImplementedError(f"{type(self).__name__} has no `fit`.")

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Parameters as they were given; `deep` adds those of estimators among them."""
        given = {name: getattr(self, name) for name in _parameters(type(self))}
        for name, value in list(given.items()) if deep else []:
            if hasattr(value, "get_params") and not isinstance(value, type):
                given |= {f"{name}__{inner}": found for inner, found in value.get_params().items()}
        return given

    def set_params(self, **params: Any) -> Self:
        """Change parameters by name.

        Raises
        ------
        DataError : a name that the estimator does not have.
        """
        known = _parameters(type(self))
        for name, value in params.items():
            own, _, inner = name.partition("__")
            if own not in known:
                raise DataError(f"{type(self).__name__} has no parameter {own!r}; it has {', '.join(known)}.")
            if inner:
                getattr(self, own).set_params(**{inner: value})
            else:
                setattr(self, own, value)
        return self

    def __repr__(self) -> str:
        """Parameters that are not at their defaults."""
        defaults = _parameters(type(self))
        changed = {name: value for name, value in self.get_params(deep=False).items() if value is not defaults[name]}
        changed = {name: value for name, value in changed.items() if repr(value) != repr(defaults[name])}
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in changed.items())})"

    def effect(self, estimand: Estimand, *, unit: str = "outcome") -> EffectEstimate:
        """The estimate with its error, clustered as the design says.

        Treatments that are set together give the sum of their parts: all on against all off. With fewer than
        40 clusters of one kind the interval of a linear estimator is that of the wild cluster bootstrap; others
        have the t distribution with as many degrees of freedom as clusters, less one. The notes say which.

        Raises
        ------
        NotFittedError : `fit` was not called.
        EstimationError : the error is not a finite number, or rests on two clusters.
        """
        self._require_fitted()
        refuse_two_clusters(self.n_clusters_)
        covariance, dof = self._covariance()
        value, variance = float(self.value_.sum()), float(covariance.sum())
        if not (np.isfinite(value) and np.isfinite(variance) and variance >= 0):
            raise EstimationError(
                f"{type(self).__name__} gave {value:g} with a variance of {variance:g}: the data carry no information "
                f"on the effect of {' and '.join(estimand.treatment)} on {estimand.outcome}."
            )
        bootstrap, why_not = self._bootstrap()
        return EffectEstimate(
            value=value, stderr=variance**0.5, n=self.n_, dof=dof, method=self.method_, estimand=estimand, unit=unit,
            n_clusters=dict(self.n_clusters_), diagnostics=dict(self.diagnostics_), target=self.target_,
            effective_n=self.effective_n_, bootstrap=bootstrap,
            notes=cluster_notes(self.n_clusters_, dof, bootstrap, why_not),
            influence=None if self.influence_ is None else self.influence_.sum(axis=1),
        )  # fmt: skip

    @property
    def stderr_(self) -> np.ndarray:
        """Standard error of each of `value_`, shape (k,)."""
        self._require_fitted()
        return np.sqrt(np.diag(self._covariance()[0]))

    def _keep(
        self, design: Design, *, value: np.ndarray, influence: np.ndarray | None, n_parameters: int, method: str,
        target: str = "ATE", diagnostics: dict[str, float] | None = None, covariance: np.ndarray | None = None,
        dof: float | None = None, effective_n: float | None = None, n_clusters: dict[str, int] | None = None,
    ) -> Self:  # fmt: skip
        """Set what `effect` reads; every `fit` ends here.

        `covariance` and `dof` are for estimators with an error of their own. `effective_n` is for weights
        that the estimator made; those of the design are counted where it is None.
        """
        weight, clusters = getattr(design, "weight", None), getattr(design, "clusters", None) or {}
        self.value_ = np.atleast_1d(np.asarray(value, dtype=float))
        self.influence_ = (
            None if influence is None else np.asarray(influence, dtype=float).reshape(-1, len(self.value_))
        )
        self.n_ = design_rows(design)
        self.n_parameters_, self.target_, self.method_ = int(n_parameters), target, method
        self.covariance_, self.dof_ = covariance, dof
        self.clusters_ = dict(clusters) if self.influence_ is not None else {}
        self.n_clusters_ = n_clusters or {
            name: int(np.count_nonzero(np.bincount(codes))) for name, codes in self.clusters_.items()
        }
        self.effective_n_ = effective_n if effective_n is not None else effective_number(weight)
        self.diagnostics_ = {name: float(number) for name, number in (diagnostics or {}).items()}
        # Few clusters need the rows once more; nothing else keeps them alive.
        self._few_rows = design if min(self.n_clusters_.values(), default=FEW_CLUSTERS) < FEW_CLUSTERS else None
        return self

    def _bootstrap(self) -> tuple[WildTest | None, str]:
        """The wild bootstrap where clusters are few, or why there is none."""
        if self._few_rows is None:
            return None, ""
        try:
            return wild_test(self, self._few_rows), ""
        except EstimationError as error:
            return None, str(error).rstrip(".")

    def _covariance(self) -> tuple[np.ndarray, float]:
        if self.covariance_ is not None:
            dof = float(self.dof_ if self.dof_ is not None else self.n_ - self.n_parameters_)
            return self.covariance_, min([dof, *(count - 1.0 for count in self.n_clusters_.values())])
        assert self.influence_ is not None
        return influence_covariance(self.influence_, self.clusters_, self.n_parameters_)

    def _require_fitted(self) -> None:
        if not hasattr(self, "value_"):
            raise NotFittedError(f"This {type(self).__name__} is not fitted yet: call fit(design) first.")


def effective_number(weight: np.ndarray | None) -> float:
    """Units of equal weight that say as much: (sum of weights)^2 / sum of squares; NaN without weights.

    >>> effective_number(np.array([1.0, 1.0, 0.0, 0.0]))
    2.0
    """
    return float("nan") if weight is None else float(weight.sum() ** 2 / (weight**2).sum())


def design_rows(design: Design) -> int:
    """Number of units of a design."""
    return int(getattr(design, "n", None) or len(design.outcome))


def treatment_names(design: Design, n_treatments: int) -> tuple[str, ...]:
    """Names of the treatments for messages; numbers where the design has none."""
    return tuple(getattr(design, "treatment_names", ())) or tuple(f"treatment {k + 1}" for k in range(n_treatments))


def _checked_first(fit: Any) -> Any:
    @functools.wraps(fit)
    def checked(self: InfluenceEstimator, design: Design, *args: Any, **kwargs: Any) -> InfluenceEstimator:
        refuse_no_design(design, type(self).__name__)
        refuse_parameters(self)
        return fit(self, design, *args, **kwargs)

    return checked


def _parameters(kind: type) -> dict[str, Any]:
    """Names and defaults of the parameters in `__init__`."""
    found = inspect.signature(kind.__init__).parameters.values()  # type: ignore[misc]
    return {
        parameter.name: parameter.default
        for parameter in found
        if parameter.name != "self" and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    }
