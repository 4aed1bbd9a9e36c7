"""What each treatment is set to: constants, or rules that read what is known by then."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from causalrec.errors import DataError

__all__ = ["Regime", "Regimes", "Rule", "as_regimes"]

Rule = float | Callable[[Mapping[str, np.ndarray]], np.ndarray]
Regimes = Mapping[str, "Rule | Sequence[Rule]"]


class Past(Mapping[str, np.ndarray]):
    """Columns known by a time; it remembers which were read."""

    def __init__(self, columns: dict[str, np.ndarray]):
        self.columns, self.read = columns, set[str]()

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self.columns:
            raise DataError(
                f"A rule reads {name!r}, and the plan has {', '.join(map(repr, self.columns)) or 'nothing'} by then: a "
                f"rule may read earlier treatments and what is adjusted for, nothing else."
            )
        self.read.add(name)
        return self.columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)


@dataclass(frozen=True, slots=True, eq=False)
class Regime:
    """One rule a treatment.

    Attributes
    ----------
    name : str
    rules : tuple, length n_times
        A number, or a function of a mapping of names to columns, each (n,), that gives a column.
    reads : tuple of set of str, length n_times
        What each rule has read so far.
    """

    name: str
    rules: tuple[Rule, ...]
    reads: tuple[set[str], ...] = field(default=(), repr=False)

    @property
    def is_static(self) -> bool:
        """Whether all treatments are set to constants."""
        return not any(callable(rule) for rule in self.rules)

    def value(self, time: int, past: dict[str, np.ndarray], n: int) -> np.ndarray:
        """What the treatment is set to for each of n units; float64, shape (n,).

        Raises
        ------
        DataError : a rule that reads what is not known by then, or gives no column of numbers.
        """
        rule = self.rules[time]
        if not callable(rule):
            return np.full(n, float(rule))
        seen = Past(past)
        given = rule(seen)
        try:
            found = np.asarray(given, dtype=float)
        except (TypeError, ValueError):
            raise DataError(
                f"The rule of {self.name!r} at treatment {time + 1} gave {given!r:.60}, which is no column of numbers."
            ) from None
        if found.shape not in ((), (n,)) or not np.isfinite(found).all():
            raise DataError(
                f"The rule of {self.name!r} at treatment {time + 1} gave shape {found.shape}, or what is not finite; "
                f"it gives a number for each of {n:,} units."
            )
        self.reads[time].update(seen.read)
        return np.broadcast_to(found, (n,)).copy()

    def treatments(self, design: Any) -> np.ndarray:
        """What each treatment would be set to, given the covariates as they were; float64, shape (n, n_times)."""
        set_to = np.empty(design.treatments.shape)
        for time in range(design.n_times):
            set_to[:, time] = self.value(time, known_by(design, time, design.covariates, set_to), design.n)
        return set_to


def known_by(design: Any, time: int, covariates: np.ndarray, treatments: np.ndarray) -> dict[str, np.ndarray]:
    """Columns by name that are known before a treatment."""
    places = np.flatnonzero(design.at <= time)
    known = {design.covariate_names[at]: covariates[:, at] for at in places}
    return known | {name: treatments[:, s] for s, name in enumerate(design.treatment_names[:time])}


def as_regimes(regimes: Regimes | None, n_times: int) -> tuple[Regime, ...]:
    """Regimes by name; always 1 and never (0) where none are given.

    A number or a function stands for the same at all times.

    Raises
    ------
    DataError : no mapping, fewer than two, or not one rule a treatment.

    Examples
    --------
    >>> [regime.rules for regime in as_regimes({"first": (1, 0), "never": 0}, 2)]
    [(1, 0), (0, 0)]
    """
    given = {"always": 1.0, "never": 0.0} if regimes is None else regimes
    if not isinstance(given, Mapping) or len(given) < 2:
        raise DataError(
            "`regimes` is a mapping of two names or more to what treatments are set to: {'always': 1, ...}."
        )
    return tuple(_regime(str(name), rule, n_times) for name, rule in given.items())


def _regime(name: str, rule: Rule | Sequence[Rule], n_times: int) -> Regime:
    alone = callable(rule) or isinstance(rule, int | float | np.number)
    if not alone and (isinstance(rule, str) or not isinstance(rule, Sequence)):
        raise DataError(f"Regime {name!r} is {rule!r}; give a number, a function, or one of these for each treatment.")
    rules = (rule,) * n_times if alone else tuple(rule)  # type: ignore[arg-type]
    wrong = [
        each
        for each in rules
        if not callable(each) and not (isinstance(each, int | float | np.number) and np.isfinite(each))
    ]
    if wrong or len(rules) != n_times:
        raise DataError(f"Regime {name!r} has {len(rules)} rules for {n_times} treatments, or one that is no number.")
    return Regime(name, rules, tuple(set() for _ in rules))  # type: ignore[arg-type]
