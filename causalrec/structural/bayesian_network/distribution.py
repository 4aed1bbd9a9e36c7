"""Answers of a network: distributions, tables, assignments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np

from causalrec.errors import DataError, EstimationError, UnknownNodeError
from causalrec.estimation.uncertainty.confidence_levels import refuse_level
from causalrec.estimation.written import Written, aligned, percent
from causalrec.structural.bayesian_network.structure import Level, code_of

__all__ = ["Distribution", "MostProbable", "quantiles"]

N_SHOWN = 40
STATED = "the tables were stated, not learned: they carry no error"


@dataclass(frozen=True, slots=True, eq=False)
class Distribution(Written):
    """Joint distribution of some nodes given others.

    Attributes
    ----------
    nodes : tuple of str
        Nodes that were asked for; one axis each.
    levels : tuple of tuple
        Levels of each node.
    probabilities : float64, shape (n_levels of the first node, ...)
        In [0, 1]. A distribution sums to 1; a table of `given` does so over its last axis.
    stderr : float64, same shape, or None
        Standard deviation over the posterior of the tables; None where these were stated by hand.
    evidence, do : mapping of str to level
        What was seen, and what was set.
    given : tuple of str
        Nodes of the first axes that are conditioned on, in a conditional table.
    draws : float64, one array of the shape of probabilities for each draw, or None
        The same under each draw of the tables.
    """

    nodes: tuple[str, ...]
    levels: tuple[tuple[Level, ...], ...]
    probabilities: np.ndarray
    stderr: np.ndarray | None
    evidence: Mapping[str, Level] = field(default_factory=dict)
    do: Mapping[str, Level] = field(default_factory=dict)
    given: tuple[str, ...] = ()
    draws: np.ndarray | None = field(default=None, repr=False)

    def probability(self, levels: Mapping[str, Level]) -> float:
        """Probability of one level of each node, such as `{"season": "high", "display": 1}`; see `stderr_of`."""
        return float(self.probabilities[self._place(levels)])

    def stderr_of(self, levels: Mapping[str, Level]) -> float:
        """Standard error of `probability`."""
        if self.stderr is None:
            raise EstimationError(f"No standard error: {STATED}.")
        return float(self.stderr[self._place(levels)])

    def interval(self, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper ends of each probability's credible interval, by quantiles of the draws."""
        return quantiles(self.draws, level)

    def to_dict(self, level: float = 0.95) -> dict[str, Any]:
        """Plain numbers and text."""
        ends = None if self.draws is None else self.interval(level)
        return {
            "nodes": list(self.nodes), "levels": [list(levels) for levels in self.levels], "given": list(self.given),
            "evidence": dict(self.evidence), "do": dict(self.do), "probabilities": self.probabilities.tolist(),
            "stderr": None if self.stderr is None else self.stderr.tolist(), "level": level,
            "lower": None if ends is None else ends[0].tolist(), "upper": None if ends is None else ends[1].tolist(),
        }  # fmt: skip

    def _place(self, levels: Mapping[str, Level]) -> tuple[int, ...]:
        if not isinstance(levels, Mapping):
            raise DataError(
                f"Levels are a mapping such as {{{self.nodes[0]!r}: {self.levels[0][0]!r}}}, not {levels!r}."
            )
        if strange := [name for name in levels if name not in self.nodes]:
            raise UnknownNodeError(map(str, strange), self.nodes)
        if lacking := [name for name in self.nodes if name not in levels]:
            raise DataError(f"Give a level of {', '.join(map(repr, lacking))} too: this is the joint distribution.")
        pairs = zip(self.nodes, self.levels, strict=True)
        return tuple(code_of(name, own, levels[name]) for name, own in pairs)

    def _rows(self, level: float) -> list[dict[str, str]]:
        ends = None if self.draws is None else self.interval(level)
        rows = []
        for place in product(*(range(len(levels)) for levels in self.levels)):
            row = {name: str(own[code]) for name, own, code in zip(self.nodes, self.levels, place, strict=True)}
            row["probability"] = f"{self.probabilities[place]:.4f}"
            if self.stderr is not None and ends is not None:
                row["standard error"] = f"{self.stderr[place]:.4f}"
                row[f"{percent(level)} interval"] = f"{ends[0][place]:.4f} to {ends[1][place]:.4f}"
            rows.append(row)
        return rows

    def _remarks(self) -> list[str]:
        return [] if self.draws is not None else [STATED]

    def __str__(self) -> str:
        rows = self._rows(0.95)
        more = [f"  ... {len(rows) - N_SHOWN:,} more rows"] if len(rows) > N_SHOWN else []
        title = f"P({', '.join(self.nodes[len(self.given) :])}{conditions(self.given, self.evidence, self.do)})"
        return "\n".join(
            [
                title,
                *(f"  {line}" for line in aligned(rows[:N_SHOWN])),
                *more,
                *(f"  {remark}" for remark in self._remarks()),
            ]
        )


@dataclass(frozen=True, slots=True, eq=False)
class MostProbable:
    """The most probable levels of all nodes, given what was seen and set.

    Attributes
    ----------
    levels : mapping of str to level
        Of the nodes that were neither seen nor set.
    probability : float
        P(levels | evidence, do), in [0, 1].
    stderr : float or None
        Its standard deviation over the posterior of the tables; None where these were stated by hand.
    evidence, do : mapping of str to level
    """

    levels: Mapping[str, Level]
    probability: float
    stderr: float | None
    evidence: Mapping[str, Level] = field(default_factory=dict)
    do: Mapping[str, Level] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text."""
        return {"levels": dict(self.levels), "probability": self.probability, "stderr": self.stderr,
                "evidence": dict(self.evidence), "do": dict(self.do)}  # fmt: skip

    def __str__(self) -> str:
        error = f"  {STATED}" if self.stderr is None else ""
        plus = "" if self.stderr is None else f" ± {self.stderr:.4g}"
        rows = [{"node": name, "level": str(level)} for name, level in self.levels.items()]
        title = (
            f"Most probable levels{conditions((), self.evidence, self.do)}: probability {self.probability:.4g}{plus}"
        )
        return "\n".join([title, *(f"  {line}" for line in aligned(rows)), *([error] if error else [])])


def quantiles(draws: np.ndarray | None, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the central interval of draws along their first axis."""
    refuse_level(level)
    if draws is None:
        raise EstimationError(f"No interval: {STATED}.")
    lower, upper = np.quantile(draws, [0.5 - level / 2, 0.5 + level / 2], axis=0)
    return lower, upper


def conditions(given: Sequence[str], evidence: Mapping[str, Level], do: Mapping[str, Level]) -> str:
    """What stands behind the bar."""
    seen = [*given, *(f"{name}={level}" for name, level in evidence.items())]
    set_ = [f"do({name}={level})" for name, level in do.items()]
    return f" | {', '.join([*set_, *seen])}" if seen or set_ else ""
