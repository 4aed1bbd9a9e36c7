"""Figures of texts that were not learned from, before and after, with paired standard errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from causalrec.embedding.classification.comparison import told_interval
from causalrec.embedding.classification.scores import mean_stderr
from causalrec.training.ranges import check_choice

__all__ = ["Change", "Figure", "HeldOutChange", "Reference", "changes", "ratio"]


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A figure of several texts.

    Attributes
    ----------
    value : float
    influence : float64, shape (n_texts,)
        Of each text on its error; mean 0.
    """

    value: float
    influence: np.ndarray

    @property
    def stderr(self) -> float:
        """Standard error over texts."""
        return mean_stderr(self.influence)


def ratio(sums: np.ndarray, counts: np.ndarray) -> Figure:
    """Sum of `sums` over sum of `counts`, one entry a text: a mean over what the texts hold.

    The standard error is by the delta method, so that words of one text do not count as independent.

    Examples
    --------
    >>> ratio(np.array([2.0, 4.0]), np.array([1.0, 2.0])).value
    2.0
    """
    value = float(sums.sum() / counts.sum())
    return Figure(value, (sums - value * counts) / counts.mean())


@dataclass(frozen=True, slots=True)
class Change:
    """One figure on the same texts; standard errors over texts, that of the difference paired."""

    name: str
    before: float
    before_stderr: float
    after: float
    after_stderr: float
    difference: float
    difference_stderr: float

    def __str__(self) -> str:
        return (
            f"{self.name:<11} {self.before:8.4f} ± {self.before_stderr:.4f}  {self.after:8.4f} ± "
            f"{self.after_stderr:.4f}  {told_interval(self.difference, self.difference_stderr)}"
        )


@dataclass(frozen=True, slots=True)
class Reference:
    """A figure that knows nothing, to hold the others against."""

    name: str
    value: float
    stderr: float

    def __str__(self) -> str:
        return f"{self.name}: {self.value:.4f} ± {self.stderr:.4f}"


@dataclass(frozen=True, slots=True)
class HeldOutChange:
    """What learning did to texts that it did not see.

    Attributes
    ----------
    n_texts : int
        Held out.
    before_is : str
        What "before" was measured with.
    changes : tuple of Change
    references : tuple of Reference
    """

    n_texts: int
    before_is: str
    changes: tuple[Change, ...]
    references: tuple[Reference, ...] = ()

    def __str__(self) -> str:
        lines = [f"{self.n_texts:,} texts held out, ± one standard error", f"before: {self.before_is}"]
        lines += [f"{'':11} {'before':>8} {'':8}  {'after':>8} {'':8}  difference"]
        return "\n".join([*lines, *map(str, self.changes), *map(str, self.references)])

    def __getitem__(self, name: str) -> Change:
        named = {change.name: change for change in self.changes}
        check_choice("name", name, named)
        return named[name]

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)


def changes(before: Mapping[str, Figure], after: Mapping[str, Figure]) -> tuple[Change, ...]:
    """One change for each figure; both sides are of the same texts."""
    return tuple(
        Change(
            name, first.value, first.stderr, after[name].value, after[name].stderr, after[name].value - first.value,
            mean_stderr(after[name].influence - first.influence),
        )
        for name, first in before.items()
    )  # fmt: skip
