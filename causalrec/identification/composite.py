"""Formulas whose factors come from several distributions, or from two values of the treatment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from causalrec.errors import IdentificationError
from causalrec.identification.expression import Distribution, Expression
from causalrec.identification.expression.elimination import contracted

__all__ = ["REFERENCE", "Composite", "Factor"]

REFERENCE = "₀"
"""Mark of a treatment's second value: exposed₀ is the reference that exposed is compared with."""


@dataclass(frozen=True, slots=True)
class Factor:
    """A function of one distribution.

    Attributes
    ----------
    expression : Expression
        Of the distribution that `source` names.
    source : str
        Empty for the observed distribution, when there is one only.
    do : tuple of str
        Conditioned names that are set: the source is an experiment. For a single probability only.
    among : tuple of str
        Nodes that are 1 in each row of the source. For a single probability only.
    reference : tuple of str
        Names that stand for the reference value, and are written with `REFERENCE`.
    """

    expression: Expression
    source: str = ""
    do: tuple[str, ...] = ()
    among: tuple[str, ...] = ()
    reference: tuple[str, ...] = ()

    @property
    def free(self) -> frozenset[str]:
        """Variables whose values it is a function of, as they are written."""
        return frozenset(self.written(name) for name in self.expression.free)

    def written(self, name: str) -> str:
        """Name of a free variable, with its mark."""
        return f"{name}{REFERENCE}" if name in self.reference else name

    def __str__(self) -> str:
        from causalrec.identification.composite_printing import factor_text

        return factor_text(self)

    def latex(self) -> str:
        """LaTeX for math mode."""
        from causalrec.identification.composite_printing import factor_text

        return factor_text(self, as_latex=True)

    def to_dict(self) -> dict[str, Any]:
        """Values that JSON can hold."""
        marks = {name: list(getattr(self, name)) for name in ("do", "among", "reference")}
        return {"expression": self.expression.to_dict(), "source": self.source, **marks}


@dataclass(frozen=True, slots=True)
class Composite:
    """Sum of a product of factors, each of its own distribution.

    Attributes
    ----------
    over : tuple of str
        Variables summed over, as they are written.
    factors : tuple of Factor

    Examples
    --------
    >>> from causalrec.identification.expression import Probability
    >>> outcome = Factor(Probability(("rating",), ("exposed", "genre")), source="selected", among=("seen",))
    >>> print(Composite(("genre",), (outcome, Factor(Probability(("genre",)), "everybody"))))
    Σ_{genre} P(rating | exposed, genre, seen=1) P(genre)
    """

    over: tuple[str, ...]
    factors: tuple[Factor, ...]

    def __str__(self) -> str:
        from causalrec.identification.composite_printing import composite_text

        return composite_text(self)

    def latex(self) -> str:
        """LaTeX for math mode."""
        from causalrec.identification.composite_printing import composite_text

        return composite_text(self, as_latex=True)

    def to_dict(self) -> dict[str, Any]:
        """Values that JSON can hold."""
        return {"over": list(self.over), "factors": [factor.to_dict() for factor in self.factors]}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Composite:
        """Formula that `to_dict` wrote.

        Raises
        ------
        IdentificationError : a field is missing or not of its kind.
        """
        try:
            factors = tuple(_factor(factor) for factor in values["factors"])
            return cls(tuple(values["over"]), factors)
        except (KeyError, TypeError):
            raise IdentificationError(
                "This is not a saved formula: it must have `over`, and `factors` each with `expression`, `source`, "
                "`do`, `among` and `reference`."
            ) from None

    def evaluate(self, distributions: Distribution | Mapping[str, Distribution]) -> Distribution:
        """Values of the formula on discrete distributions.

        Parameters
        ----------
        distributions : Distribution, or mapping of str to Distribution
            The observed one, or one for each source. That of an experiment is of a trial in which the
            names in `do` were drawn at random: it has an axis for each of them.

        Returns
        -------
        Distribution
            One axis for each variable that is not summed over.

        Raises
        ------
        IdentificationError : a source is missing, or two of them know other values of a variable.
        MissingColumnsError : a distribution lacks variables.
        """
        levels: dict[str, tuple] = {}
        tables = []
        for factor in self.factors:
            part = factor.expression.evaluate(_source(factor, distributions))
            axes = tuple(map(factor.written, part.names))
            for name, values in zip(axes, part.levels, strict=True):
                if levels.setdefault(name, values) != values:
                    raise IdentificationError(
                        f"{name!r} has the values {list(levels[name])} in one distribution and {list(values)} in "
                        f"another. Give both the same levels, in the same order."
                    )
            tables.append((axes, part.table))
        place = {name: number for number, name in enumerate(levels)}
        ordered = [_ordered(axes, table, place) for axes, table in tables]
        axes, table = contracted(ordered, self.over, {name: len(values) for name, values in levels.items()})
        return Distribution(axes, tuple(levels[name] for name in axes), table)


def _factor(values: Mapping[str, Any]) -> Factor:
    marks = {name: tuple(values[name]) for name in ("do", "among", "reference")}
    return Factor(Expression.from_dict(values["expression"]), values["source"], **marks)


def _source(factor: Factor, distributions: Distribution | Mapping[str, Distribution]) -> Distribution:
    if not isinstance(distributions, Mapping):
        distributions = {"": distributions}
    if factor.source not in distributions:
        raise IdentificationError(
            f"The formula needs the distribution {factor.source!r} for {factor}; given are {sorted(distributions)}."
        )
    return distributions[factor.source]


def _ordered(axes: tuple[str, ...], table: np.ndarray, place: Mapping[str, int]) -> tuple[tuple[str, ...], np.ndarray]:
    turned = sorted(range(len(axes)), key=lambda axis: place[axes[axis]])
    return tuple(axes[axis] for axis in turned), table.transpose(turned)
