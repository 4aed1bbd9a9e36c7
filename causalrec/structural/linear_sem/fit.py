"""`SEMFit`: estimates of a linear structural model, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.errors import DataError, GraphError, UnknownNodeError, nearest
from causalrec.estimation.written import Written, aligned, percent
from causalrec.graph.validation import names_of
from causalrec.structural.linear_sem.coefficient import Coefficient
from causalrec.structural.linear_sem.derivative import delta_errors
from causalrec.structural.linear_sem.effects import Intervention, PathEffects, means_under, path_effects
from causalrec.structural.linear_sem.fit_indices import FitIndices
from causalrec.structural.linear_sem.modification import ModificationIndex, modification_indices
from causalrec.structural.linear_sem.parameter_errors import ERRORS
from causalrec.structural.linear_sem.parameter_table import ModelParameter
from causalrec.structural.linear_sem.ram import matrices, moments
from causalrec.structural.linear_sem.solution import Solution
from causalrec.structural.linear_sem.specification import Specification

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SEMFit"]

FAR = 3.0  # standard deviations from the mean beyond which an intervention is an extrapolation


@dataclass(frozen=True, slots=True, eq=False)
class SEMFit(Written):
    """A linear structural model fitted by maximum likelihood.

    Attributes
    ----------
    parameters : tuple of ModelParameter
        In the order of the model: what the text says, then what defaults add, then what it defines.
    indices : FitIndices
        How well the model fits.
    r2 : mapping of str to float
        Share of the variance of each variable with causes that they explain.
    n : int
    errors : {"standard", "satorra-bentler", "robust"}
    n_clusters : mapping of str to int
    improper : tuple of str
        Variances that are negative and correlations beyond 1 (Heywood cases): the estimates stand, and the model
        or the sample is in doubt.
    notes : tuple of str

    Notes
    -----
    Coefficients are effects only as far as the model is right: a good fit does not show that arrows point the
    right way, for many models imply the same covariances.
    """

    parameters: tuple[ModelParameter, ...]
    indices: FitIndices
    r2: Mapping[str, float]
    n: int
    errors: str
    n_clusters: Mapping[str, int]
    improper: tuple[str, ...]
    notes: tuple[str, ...]
    _solution: Solution = field(repr=False)
    _covariance: np.ndarray = field(repr=False)
    _specification: Specification = field(repr=False)

    @property
    def observed(self) -> tuple[str, ...]:
        """Measured variables."""
        return self._specification.observed

    @property
    def latent(self) -> tuple[str, ...]:
        """Variables that are not measured."""
        return self._specification.latent

    def parameter(self, name: str) -> ModelParameter:
        """The parameter of a statement such as "buys ~ taste", or of a label or a definition.

        Raises
        ------
        DataError : there is none, with the nearest names.
        """
        wanted = _plain(str(name))
        for found in self.parameters:
            if wanted in (_plain(found.statement), found.label) or wanted == _turned(found.statement):
                return found
        raise DataError(
            f"The model has no parameter {nearest([str(name)], [found.statement for found in self.parameters])}."
        )

    def effect(self, treatment: str, outcome: str, *, through: str | Sequence[str] = ()) -> PathEffects:
        """Total, direct and indirect effect of a unit of `treatment` on `outcome`, by the delta method.

        Parameters
        ----------
        treatment, outcome : str
            Observed or latent variables.
        through : str or sequence of str
            The indirect effect is then what passes at least one of these.

        Raises
        ------
        UnknownNodeError : a variable that the model does not have.
        GraphError : treatment and outcome are the same, or `through` names one of them.
        """
        through = names_of(through)
        self._refuse_unknown((treatment, outcome, *through))
        if treatment == outcome or {treatment, outcome} & set(through):
            raise GraphError(f"Treatment {treatment!r}, outcome {outcome!r} and `through` {through} must all differ.")
        shape = self._solution.shape
        values, stderr = self._delta(lambda theta: path_effects(shape, theta, treatment, outcome, through))
        total, direct, indirect, scaled = map(Coefficient, values.tolist(), stderr.tolist())
        return PathEffects(treatment, outcome, through, total, direct, indirect, scaled, self._errors)

    def do(self, values: Mapping[str, float]) -> Intervention:
        """Means of all other variables when some are set from outside.

        Parameters
        ----------
        values : mapping of str to float
            Variable -> value, in its unit; of a latent one in that of its first indicator, from its mean.

        Raises
        ------
        DataError : only covariances were given, or a value is no number.
        UnknownNodeError : a variable that the model does not have.
        """
        values = self._checked(values)
        shape = self._solution.shape
        mean, stderr = self._delta(lambda theta: means_under(shape, theta, values)[0])
        variance = means_under(shape, self._solution.theta, values)[1]
        others = [k for k, name in enumerate(shape.names) if name not in values]
        return Intervention(
            values, {shape.names[k]: Coefficient(float(mean[k]), float(stderr[k])) for k in others},
            {shape.names[k]: float(variance[k]) for k in others}, self._far(values),
        )  # fmt: skip

    def modification_indices(self) -> tuple[ModificationIndex, ...]:
        """How much chi-square would fall for each loading or covariance that is 0 in the model; the largest first.

        Regressions are not among them, nor equality constraints. A model that was changed for its largest index
        needs new data to be tested.
        """
        return modification_indices(self._solution, self._specification)

    def to_dict(self, level: float = 0.95) -> dict[str, Any]:
        """Plain numbers and text."""
        return {
            "parameters": [found.to_dict(level) for found in self.parameters], "indices": self.indices.to_dict(),
            "r2": dict(self.r2), "n": self.n, "errors": self.errors, "n_clusters": dict(self.n_clusters),
            "improper": list(self.improper), "notes": list(self.notes),
        }  # fmt: skip

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """A pandas table, one row a parameter."""
        import pandas as pd

        return pd.DataFrame([found.to_dict(level) for found in self.parameters])

    def _rows(self, level: float) -> list[dict[str, str]]:
        return [_written(found, level) for found in self.parameters]

    def _remarks(self) -> list[str]:
        clusters = f"; clustered by {self._clusters}" if self.n_clusters else ""
        explained = ", ".join(f"{name} {share:.3f}" for name, share in self.r2.items())
        return [
            *str(self.indices).split("\n"), *([f"R2: {explained}"] if explained else []),
            f"maximum likelihood; {self._errors}{clusters}",
            *(f"improper: {one}" for one in self.improper), *(f"note: {note}" for note in self.notes),
        ]  # fmt: skip

    def __str__(self) -> str:
        head = f"Linear structural model of {len(self.observed)} variables, {self.n:,} units"
        return "\n".join([head, *(f"  {line}" for line in (*aligned(self._rows(0.95)), *self._remarks()))])

    @property
    def _errors(self) -> str:
        return ERRORS[self.errors]

    def _delta(self, function: Any) -> tuple[np.ndarray, np.ndarray]:
        return delta_errors(function, self._solution.theta, self._covariance)

    def _refuse_unknown(self, names: Sequence[str]) -> None:
        known = self._solution.shape.names
        if unknown := [name for name in names if name not in known]:
            raise UnknownNodeError(map(str, unknown), known)

    def _checked(self, values: Mapping[str, float]) -> dict[str, float]:
        if not isinstance(values, Mapping) or not values:
            raise DataError('`values` is a mapping of variables to what they are set to, such as {"exposure": 1.0}.')
        self._refuse_unknown(list(values))
        for name, value in values.items():
            if not isinstance(value, int | float | np.number) or not np.isfinite(value):
                raise DataError(f"{name!r} is set to {value!r}; it is set to a number.")
        if len(values) == len(self._solution.shape.names):
            raise DataError("Every variable is set, so nothing is left to say.")
        if self._solution.sample.mean is None:
            raise DataError("Only covariances were given, so means are not known. Fit with rows, or with `means`.")
        return {name: float(value) for name, value in values.items()}

    def _far(self, values: Mapping[str, float]) -> tuple[str, ...]:
        """Values that lie where hardly any unit was."""
        shape = self._solution.shape
        at = moments(matrices(shape, self._solution.theta))
        notes = []
        for name, value in values.items():
            k = shape.names.index(name)
            distance = abs(value - at.mean[k]) / np.sqrt(max(at.covariance[k, k], 1e-300))
            if distance > FAR:
                notes.append(
                    f"{name} = {value:g} is {distance:.1f} standard deviations from its mean: an extrapolation."
                )
        return tuple(notes)


def _plain(statement: str) -> str:
    return "".join(statement.split())


def _turned(statement: str) -> str:
    left, sign, right = _plain(statement).partition("~~")
    return f"{right}~~{left}" if sign else ""


def _written(found: ModelParameter, level: float) -> dict[str, str]:
    lower, upper = found.estimate.interval(level)
    fixed = not found.free and found.estimate.stderr == 0
    label = f"{found.statement} ({found.label})" if found.label and found.kind != "defined" else found.statement
    return {
        "parameter": label, "estimate": f"{found.estimate.value:.3f}",
        "error": "fixed" if fixed else f"{found.estimate.stderr:.3f}",
        "z": "" if fixed else f"{found.estimate.z:.2f}", "p": "" if fixed else f"{found.estimate.p_value:.3f}",
        f"{percent(level)} interval": "" if fixed else f"{lower:.3f} to {upper:.3f}",
        "std.lv": f"{found.std_lv.value:.3f}", "std.all": f"{found.std_all.value:.3f}",
    }  # fmt: skip
